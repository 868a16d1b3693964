/* Answers to surveys: checked against the compiled questions here, stored by one statement that judges state,
 * version and voter once more. What staff see of responses stands here too. */
#include "surveys.h"

#include "survey_offer.h"
#include "voter.h"

/* A key of staff without token is a clerk with a paper form. */
static bool is_paper(struct request *req)
{
    return request_may(req, PERMISSION_CASE_FILE) && !request_text(req, "Device-Token").data &&
           !request_text(req, "Survey-Token").data;
}

static struct uuid random_id(void)
{
    uint8_t random[DIGEST_LEN];
    crypto_random(random, sizeof random);
    return uuid_from_digest(random);
}

/* In an anonymised survey not even the id of a request may say when it came. */
static struct uuid request_id(struct request *req, bool is_anonymised)
{
    bool is_random = is_anonymised && !request_text(req, "Idempotency-Key").data;
    return is_random ? random_id() : request_new_id(req);
}

/* Who answers, once: NULL where nobody is told apart. `*ret_is_missing`: the mode wants somebody. In an open
 * anonymised survey a repeated request is known by its key, since no response has its id. */
static struct param voter_of(struct request *req, const struct survey_definition *definition,
                             struct uuid request, bool *ret_is_missing)
{
    struct uuid scope = definition->survey_id;
    struct param voter = as_null();
    *ret_is_missing = false;
    if (strcmp(definition->mode, "open") == 0 || is_paper(req)) {
        bool is_known_by_key = definition->is_anonymised && request_text(req, "Idempotency-Key").data;
        return is_known_by_key ? as_bytes(arena_copy(&req->arena, request.bytes, sizeof request.bytes), 16)
                               : voter;
    }
    if (strcmp(definition->mode, "device") == 0)
        voter = as_device(req, scope);
    else if (strcmp(definition->mode, "link") == 0)
        voter = as_link(req, scope, request_text(req, "Survey-Token"));
    else
        voter = as_identity(req, scope);
    *ret_is_missing = voter.kind == PARAM_NULL;
    return voter;
}

static struct reply refuse_nobody(struct request *req, const struct survey_definition *definition)
{
    bool is_by_link = strcmp(definition->mode, "link") == 0;
    struct reply reply = is_by_link ? refused(link_needed) : refused(voter_needed);
    reply.extension = slice_of(arena_printf(&req->arena, "\"mode\":\"%s\"", definition->mode));
    return reply;
}

static struct reply answer(struct request *req, const struct survey_definition *definition)
{
    struct uuid request = request_id(req, definition->is_anonymised);
    bool is_missing;
    struct param voter = voter_of(req, definition, request, &is_missing);
    struct reply refusal;
    if (!uuid_equal(definition->org_id, req->org->id))
        return refused(not_found);
    if (is_missing)
        return refuse_nobody(req, definition);
    if (survey_answers_refuse(req, definition->survey, &refusal))
        return refusal;

    struct uuid response = definition->is_anonymised ? random_id() : request;
    return created(
        req, SQL_SURVEY_ANSWER, as_uuid(request), as_org(req), as_uuid(definition->survey_id),
        as_int(definition->version), as_body(req), as_uuid(response), voter, as_now(req), as_today(req),
        definition->is_anonymised ? as_null() : as_request_digest(req),
        is_paper(req) ? as_actor(req) : as_null(),
        as_bool(survey_token_is_of_case(req, definition->survey_id, request_text(req, "Survey-Token"))));
}

static struct reply answer_kept(struct request *req, const struct survey_definition *kept)
{
    struct reply reply = answer(req, kept);
    survey_definition_release(kept);
    return reply;
}

static int64_t version_of(const struct request *req)
{
    return json_integer_value(json_object_get(req->body, "version"));
}

/* The first answer to a version that this process sees. */
static struct reply then_defined(struct request *req, const struct rows *rows)
{
    struct survey_definition definition = {.survey_id = request_uuid(req, "id"),
                                           .org_id = req->org->id,
                                           .version = version_of(req),
                                           .is_anonymised =
                                               rows_bool(rows, 0, rows_column(rows, "is_anonymised"))};
    struct slice mode = rows_text(rows, 0, rows_column(rows, "mode")),
                 text = rows_text(rows, 0, rows_column(rows, "questions"));
    snprintf(definition.mode, sizeof definition.mode, "%.*s", (int)mode.len, mode.data);
    if (!survey_definition_read(req, text, &definition.survey))
        return refused(internal_error);

    return answer_kept(req, survey_definition_keep(&definition));
}

struct reply survey_answer(struct request *req)
{
    const struct survey_definition *kept = survey_definition_find(request_uuid(req, "id"), version_of(req));
    if (kept)
        return answer_kept(req, kept);
    struct reply reply =
        found(req, SQL_SURVEY_DEFINITION, as_org(req), request_param(req, "id"), as_int(version_of(req)));
    reply.then = then_defined;
    return reply;
}

struct reply survey_response_list(struct request *req)
{
    return listed_under(req, SQL_SURVEY_RESPONSE_LIST, as_org(req), request_param(req, "id"), as_now(req),
                        request_param(req, "discarded"), request_param(req, "source"),
                        request_param(req, "version"), as_cursor_id(req), as_limit(req),
                        as_count_wanted(req));
}

struct reply survey_response_discard(struct request *req)
{
    return changed(req, SQL_SURVEY_RESPONSE_DISCARD, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), request_param(req, "response"),
                   as_slice(request_member(req, "reason")), as_now(req), as_actor(req),
                   as_request_digest(req));
}

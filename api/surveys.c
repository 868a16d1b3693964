/* Surveys: begin, amend, schedule, read. What the public may see is judged in the statements; answering
 * stands in survey_responses.c. */
#include "surveys.h"

#include "base/buffer.h"
#include "voter.h"

static bool is_staff(const struct request *req)
{
    return request_may(req, PERMISSION_SURVEY_WRITE);
}

struct reply survey_list(struct request *req)
{
    return listed(req, SQL_SURVEY_LIST, as_org(req), as_now(req), as_bool(is_staff(req)),
                  request_param(req, "state"), request_param(req, "kind"), request_param(req, "unit"),
                  request_param(req, "service"), request_param(req, "updated_since"), as_cursor_at(req),
                  as_cursor_id(req), as_limit(req), as_count_wanted(req), request_param(req, "q"));
}

/* Whoever has a part in surveys sees them all, and where he may move them. */
static struct param as_moves(struct request *req)
{
    bool has_part = is_staff(req) || request_may(req, PERMISSION_SURVEY_RUN) ||
                    request_may(req, PERMISSION_SURVEY_PUBLISH);
    return has_part ? as_permitted(req, THING_SURVEY) : as_null();
}

struct reply survey_get(struct request *req)
{
    return found(req, SQL_SURVEY_GET, as_org(req), request_param(req, "id"), as_now(req), as_moves(req));
}

struct reply survey_version_get(struct request *req)
{
    return found(req, SQL_SURVEY_VERSION_GET, as_org(req), request_param(req, "id"), request_param(req, "n"),
                 as_bool(is_staff(req)));
}

struct reply survey_events(struct request *req)
{
    return listed_under(req, SQL_SURVEY_EVENTS, as_org(req), request_param(req, "id"),
                        as_bool(request_may(req, PERMISSION_EVENT_READ)), as_cursor_at(req),
                        as_cursor_id(req), as_limit(req));
}

struct reply survey_create(struct request *req)
{
    struct slice questions;
    struct reply refusal;
    if (!survey_questions_check(req, &questions, &refusal))
        return refusal;
    return created(req, SQL_SURVEY_CREATE, as_uuid(request_new_id(req)), as_org(req), as_body(req),
                   as_json(questions), as_now(req), as_actor(req), as_request_digest(req),
                   as_jalali_year(req), as_permitted(req, THING_SURVEY));
}

struct reply survey_change(struct request *req)
{
    struct slice questions;
    struct reply refusal;
    if (!survey_questions_check(req, &questions, &refusal))
        return refusal;
    return changed(req, SQL_SURVEY_CHANGE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_json(questions), as_if_match(req), as_now(req),
                   as_actor(req), as_permitted(req, THING_SURVEY));
}

struct reply survey_version_create(struct request *req)
{
    struct slice questions;
    struct reply refusal;
    if (!survey_questions_check(req, &questions, &refusal))
        return refusal;
    return created(req, SQL_SURVEY_VERSION_CREATE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_json(questions), as_slice(request_member(req, "changelog")),
                   as_if_match(req), as_now(req), as_actor(req), as_request_digest(req),
                   as_permitted(req, THING_SURVEY));
}

struct reply survey_transition(struct request *req)
{
    return changed(req, SQL_SURVEY_TRANSITION, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_if_match(req), as_now(req), as_actor(req),
                   as_request_digest(req), as_known(req, THING_SURVEY), as_permitted(req, THING_SURVEY),
                   as_reasons(req, THING_SURVEY));
}

/* --- one-time links ---------------------------------------------------------------------------- */

#define TOKEN_BYTES 18 /* 24 characters of base64url */

/* The same request gives the same tokens, so that a lost answer can be asked for again; nothing is stored but
 * their hashes. */
static struct slice token_of(struct request *req, struct uuid id, int64_t number)
{
    uint8_t digest[DIGEST_LEN];
    const struct slice parts[] = {SLICE("survey-link"),
                                  {(const char *)id.bytes, sizeof id.bytes},
                                  {(const char *)&number, sizeof number}};
    crypto_hmac(&request_tracking_keys(req)->code, parts, ARRAY_LEN(parts), digest);
    return slice_of(crypto_base64url(&req->arena, digest, TOKEN_BYTES));
}

struct reply survey_links_create(struct request *req)
{
    struct uuid id = request_new_id(req), survey = request_uuid(req, "id");
    size_t count = (size_t)json_integer_value(json_object_get(req->body, "count"));
    struct slice *voters = arena_alloc_array(&req->arena, count, sizeof *voters);
    CLEANUP(buffer_done) struct buffer tokens;
    buffer_init(&tokens, SIZE_MAX);

    for (size_t i = 0; i < count; i++) {
        struct slice token = token_of(req, id, (int64_t)i);
        struct param voter = as_link(req, survey, token);
        voters[i] = slice_of(crypto_hex(&req->arena, voter.bytes.data, voter.bytes.len));
        buffer_printf(&tokens, "%s\"%s\"", i == 0 ? "\"tokens\":[" : ",", token.data);
    }
    buffer_char(&tokens, ']');
    struct reply reply = created(req, SQL_SURVEY_LINKS_CREATE, as_uuid(id), as_org(req), as_uuid(survey),
                                 as_texts(voters, count), as_now(req), as_actor(req), as_request_digest(req));
    reply.members = arena_slice(&req->arena, buffer_view(&tokens));
    return reply;
}

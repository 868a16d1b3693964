/* Complaints, messages, information requests and suggestions: file, list, amend. One engine behind four doors;
 * what moves a case on is in case_transitions.c, what is said about it in case_thread.c, the citizen's side in
 * case_track.c, what suggestions alone have in suggestions.c. */
#include "cases.h"

#define BIT(permission) PERMISSION_BIT(PERMISSION_##permission)

static const struct case_door doors[] = {
    {"complaints", CASE_COMPLAINT, THING_COMPLAINT, "registered", "assigned", "complainant",
     BIT(CASE_WORK) | BIT(CASE_INSPECT), BIT(CASE_WORK) | BIT(CASE_ANSWER)},
    {"messages", CASE_MESSAGE, THING_MESSAGE, "received", "received", "sender",
     BIT(CASE_WORK) | BIT(MESSAGE_ANSWER), BIT(MESSAGE_ANSWER)},
    {"info-requests", CASE_INFO_REQUEST, THING_INFO_REQUEST, "registered", "registered", "applicant",
     BIT(CASE_WORK) | BIT(FOI_DECIDE), BIT(FOI_DECIDE)},
    {"suggestions", CASE_SUGGESTION, THING_SUGGESTION, "submitted", "submitted", "suggester",
     BIT(CASE_WORK) | BIT(SUGGESTION_SCREEN), BIT(SUGGESTION_SCREEN) | BIT(CASE_ANSWER)},
};

const struct case_door *case_door_of(const struct request *req)
{
    const char *segment = req->operation->path + strlen("/v1/orgs/{org}/");
    size_t len = strcspn(segment, "/");
    for (size_t i = 0; i + 1 < ARRAY_LEN(doors); i++)
        if (slice_is((struct slice){segment, len}, doors[i].segment))
            return &doors[i];
    return &doors[ARRAY_LEN(doors) - 1];
}

const struct case_door *case_door_named(struct slice kind)
{
    for (size_t i = 0; i < ARRAY_LEN(doors); i++)
        if (slice_is(kind, case_kind_names[doors[i].kind]))
            return &doors[i];
    return NULL;
}

struct param as_case_kind(const struct case_door *door)
{
    return as_text(case_kind_names[door->kind]);
}

bool case_may(const struct request *req, uint64_t any_of)
{
    return (req->permissions & any_of) != 0;
}

struct param as_confidential(const struct request *req)
{
    return as_bool(request_may(req, PERMISSION_CASE_CONFIDENTIAL));
}

struct param as_attachments(struct request *req)
{
    const json_t *list = json_object_get(req->body, "attachments");
    size_t count = json_array_size(list), i;
    struct slice *ids = arena_alloc_array(&req->arena, count, sizeof *ids);
    json_t *id;
    json_array_foreach ((json_t *)list, i, id)
        ids[i] = slice_of(json_string_value(id));
    return as_texts(ids, count);
}

struct slice case_code_member(struct request *req, struct uuid id)
{
    return case_code(req, id).member;
}

struct case_code case_code(struct request *req, struct uuid id)
{
    char code[TRACKING_TEXT_MAX];
    uint8_t *hash = arena_alloc(&req->arena, TRACKING_HASH_LEN);
    tracking_code_write(request_tracking_keys(req), id, code, hash);
    return (struct case_code){slice_of(arena_printf(&req->arena, "\"tracking_code\":\"%s\"", code)),
                              as_bytes(hash, TRACKING_HASH_LEN)};
}

/* --- filing ------------------------------------------------------------------------------------ */

/* Everybody else files for themselves, whatever key they hold. */
static bool is_clerk(const struct request *req)
{
    return request_may(req, PERMISSION_CASE_FILE);
}

/* What only somebody who files on behalf of a citizen can know. */
static bool has_members_of_clerks(const struct request *req)
{
    static const char *const names[] = {"channel", "received_at", "external_ref", "untranscribed"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (json_object_get(req->body, names[i]))
            return true;
    return false;
}

static bool lacks_text(const struct request *req)
{
    return request_member(req, "text").len == 0 && !json_is_true(json_object_get(req->body, "untranscribed"));
}

static struct reply refused_without_text(struct request *req)
{
    struct reply reply = refused(validation_failed);
    reply.faults = arena_alloc(&req->arena, sizeof *reply.faults);
    faults_init(reply.faults, &req->arena, 1);
    faults_add(reply.faults, FAULT_required, FAULT_IN_BODY, "/text", NULL);
    return reply;
}

/* What a case counts from and until when, as its filing says. */
struct filing {
    const struct case_policy *policy;
    int64_t received_us;
    struct case_terms terms;
};

static struct filing filing_of(const struct request *req, const struct case_door *door)
{
    struct filing filing = {.policy = &req->org->cases[door->kind], .received_us = req->received_us};
    struct slice received_at = request_member(req, "received_at");
    if (received_at.data && !clock_parse(received_at, &filing.received_us))
        filing.received_us = req->received_us;
    case_terms_of(req->org, request_member(req, "county").data, clock_local(filing.received_us).date,
                  filing.policy->working_days, &filing.terms);
    return filing;
}

static struct param as_clerk(const struct request *req)
{
    return is_clerk(req) ? as_actor(req) : as_null();
}

/* Of a reference that was filed before the receipt is that case's own: its code follows from its id. */
static struct reply then_receipt(struct request *req, const struct rows *rows)
{
    struct uuid id = rows_uuid(rows, 0, rows_column(rows, "id"));
    bool is_suggestion = case_door_of(req)->kind == CASE_SUGGESTION;
    struct reply reply = created(req, is_suggestion ? SQL_SUGGESTION_RECEIPT : SQL_CASE_RECEIPT, as_uuid(id));
    reply.members = case_code_member(req, id);
    return reply;
}

static struct reply then_filed(struct request *req, const struct rows *rows)
{
    if (!rows_bool(rows, 0, rows_column(rows, "_known")))
        return then_receipt(req, rows);

    struct filing filing = filing_of(req, case_door_of(req));
    const struct case_terms *terms = &filing.terms;
    struct reply reply =
        changed(req, SQL_CASE_RECEIVED_AGAIN, as_uuid(request_new_id(req)),
                as_uuid(rows_uuid(rows, 0, rows_column(rows, "id"))), as_body(req), as_now(req),
                as_clerk(req), as_request_digest(req), as_instant(filing.received_us),
                as_date(terms->received_on), as_working_days(terms), as_due_on(terms), as_due_at(terms),
                as_steps(req, terms), as_followup(filing.policy, terms->received_on));
    reply.then = then_receipt;
    return reply;
}

static struct reply file(struct request *req, const struct case_door *door, const struct filing *filing)
{
    struct uuid id = request_new_id(req);
    struct case_code code = case_code(req, id);
    const struct case_terms *terms = &filing->terms;
    struct reply reply =
        created(req, SQL_CASE_FILE, as_uuid(id), as_org(req), as_case_kind(door), as_body(req), as_now(req),
                as_clerk(req), as_request_digest(req), code.hash, as_jalali_year(req), as_text(door->initial),
                as_text(door->person), as_instant(filing->received_us), as_date(terms->received_on),
                as_working_days(terms), as_due_on(terms), as_due_at(terms), as_steps_text(req, terms),
                as_followup(filing->policy, terms->received_on), as_text(door->routed));
    reply.members = code.member;
    if (request_member(req, "external_ref").data || door->kind == CASE_SUGGESTION)
        reply.then = then_filed;
    return reply;
}

struct reply case_create(struct request *req)
{
    const struct case_door *door = case_door_of(req);
    if (!is_clerk(req) && has_members_of_clerks(req))
        return refused(not_for_public);
    struct filing filing = filing_of(req, door);
    if (filing.received_us > req->received_us)
        return refused(received_in_future);
    if (lacks_text(req))
        return refused_without_text(req);
    return file(req, door, &filing);
}

/* --- reading and amending ---------------------------------------------------------------------- */

struct reply case_list(struct request *req)
{
    struct reply search =
        listed(req, SQL_CASE_SEARCH, as_org(req), as_case_kind(case_door_of(req)), as_now(req),
               as_confidential(req), request_param(req, "state"), request_param(req, "unit"),
               request_param(req, "channel"), request_param(req, "overdue"), request_param(req, "due_before"),
               request_param(req, "escalation_level"), request_param(req, "updated_since"),
               request_param(req, "external_ref"), as_cursor_at(req), as_cursor_id(req), as_limit(req),
               as_count_wanted(req), request_param(req, "q"));
    return worded(req, search, SQL_CASE_LIST);
}

/* The words of a suggestion are its author's: only whoever screens it may put them in order. */
static bool has_words_of_suggestion(const struct request *req)
{
    static const char *const names[] = {"problem", "proposal", "benefit", "cost"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (json_object_get(req->body, names[i]))
            return true;
    return false;
}

/* Another county has other closures, so the deadline is counted again. */
static struct reply then_change(struct request *req, const struct rows *rows)
{
    struct case_basis basis;
    struct case_terms terms;
    case_basis_read(req, req->org, rows, &basis);
    bool is_moved = json_object_get(req->body, "county") && basis.is_running && basis.working_days;
    case_terms_moved(req, &basis, request_member(req, "county").data, &terms);

    struct reply reply = changed(
        req, SQL_CASE_CHANGE, as_uuid(request_new_id(req)), as_org(req), as_uuid(basis.id), as_body(req),
        as_if_match(req), as_now(req), as_actor(req), as_confidential(req), as_int(basis.row_version),
        as_bool(is_moved), as_due_on(&terms), as_due_at(&terms), as_steps(req, &terms));
    reply.then = case_show;
    return reply;
}

struct reply case_change(struct request *req)
{
    const struct case_door *door = case_door_of(req);
    if (!case_may(req, door->work) ||
        (json_object_get(req->body, "unit_code") && !request_may(req, PERMISSION_CASE_ASSIGN)) ||
        (has_words_of_suggestion(req) && !request_may(req, PERMISSION_SUGGESTION_SCREEN)))
        return refused(forbidden);
    struct reply reply =
        found(req, SQL_CASE_BASIS, as_org(req), as_case_kind(door), request_param(req, "id"));
    reply.then = then_change;
    return reply;
}

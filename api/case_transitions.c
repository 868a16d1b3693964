/* A case moves on: transitions, merging, conversion of a message. Days are counted here, from the case as it
 * was read; the statement that moves it refuses (`busy`) when somebody changed it in between. */
#include "cases.h"

static bool is_reopening(const struct case_basis *basis, struct slice to)
{
    return slice_is(to, "in_progress") && basis->is_answered;
}

/* The last day before an answered case closes by itself, or NULL. */
static struct param as_closing(const struct request *req, const struct case_basis *basis)
{
    struct date day;
    int days = basis->org->cases[basis->door->kind].close_after;
    struct date today = clock_local(req->received_us).date;
    if (days < 1 || deadline_step(basis->org->calendar, basis->county, today, days, &day) != DEADLINE_OK)
        return as_null();
    return as_date(day);
}

static struct reply then_move(struct request *req, const struct rows *rows)
{
    struct case_basis basis;
    struct case_terms terms;
    case_basis_read(req, req->org, rows, &basis);
    bool is_new_round = is_reopening(&basis, request_member(req, "to"));
    if (is_new_round)
        case_terms_anew(req, &basis, &terms);
    else
        case_terms_resumed(req, &basis, &terms);
    int days = case_days(req, &basis), paused = case_days_paused(req, &basis);
    enum thing thing = basis.door->thing;

    struct reply reply =
        changed(req, SQL_CASE_MOVE, as_uuid(request_new_id(req)), as_org(req), as_uuid(basis.id),
                as_body(req), as_if_match(req), as_now(req), as_actor(req), as_request_digest(req),
                as_known(req, thing), as_permitted(req, thing), as_reasons(req, thing), as_confidential(req),
                as_int(basis.row_version), as_int(days - paused), as_int(days), as_closing(req, &basis),
                as_bool(is_new_round || basis.is_paused), as_date(terms.received_on), as_working_days(&terms),
                as_due_on(&terms), as_due_at(&terms), as_steps(req, &terms),
                as_int(is_new_round ? 0 : paused), as_attachments(req));
    reply.then = case_show;
    return reply;
}

struct reply case_transition(struct request *req)
{
    struct reply reply =
        found(req, SQL_CASE_BASIS, as_org(req), as_case_kind(case_door_of(req)), request_param(req, "id"));
    reply.then = then_move;
    return reply;
}

struct reply case_merge(struct request *req)
{
    struct reply reply =
        changed(req, SQL_CASE_MERGE, as_uuid(request_new_id(req)), as_org(req), request_param(req, "id"),
                as_body(req), as_if_match(req), as_now(req), as_actor(req), as_request_digest(req),
                as_known(req, THING_COMPLAINT), as_permitted(req, THING_COMPLAINT), as_confidential(req));
    reply.then = case_show;
    return reply;
}

/* --- a message becomes a case of another kind -------------------------------------------------- */

/* The deadline of the new case counts from the day on which the message came. */
static struct reply then_convert(struct request *req, const struct rows *rows)
{
    struct case_basis basis;
    struct case_terms terms;
    const struct case_door *door = case_door_named(request_member(req, "to"));
    const struct case_policy *policy = &req->org->cases[door->kind];
    struct uuid id = request_new_id(req);
    struct case_code code = case_code(req, id);
    case_basis_read(req, req->org, rows, &basis);
    case_terms_of(req->org, basis.county, basis.received_on, policy->working_days, &terms);

    struct reply reply = created(
        req, SQL_CASE_CONVERT, as_uuid(id), as_org(req), as_uuid(basis.id), as_body(req), as_if_match(req),
        as_now(req), as_actor(req), as_request_digest(req), as_permitted(req, THING_MESSAGE),
        as_confidential(req), as_int(basis.row_version), code.hash, as_jalali_year(req),
        as_text(door->initial), as_working_days(&terms), as_due_on(&terms), as_due_at(&terms),
        as_steps(req, &terms), as_followup(policy, basis.received_on), as_text(door->routed));
    reply.members = code.member;
    return reply;
}

struct reply case_convert(struct request *req)
{
    struct reply reply =
        found(req, SQL_CASE_BASIS, as_org(req), as_case_kind(case_door_of(req)), request_param(req, "id"));
    reply.then = then_convert;
    return reply;
}

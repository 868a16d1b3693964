/* The citizen's side of a case: reply, withdraw, complete (a suggestion), reopen (of an information request or a
 * suggestion: appeal), accept, rate; and what staff write down for a citizen who answered otherwise. */
#include "track.h"

#include "base/jalali.h"
#include "survey_offer.h"

/* Where the citizen can take an answered case, and until when: another round, or the appeal of an information
 * request or a suggestion, the latter once. NULL: it is not answered, or its answer is final. */
static const char *reopening(const struct case_basis *basis, int64_t *ret_until_us)
{
    const char *target = lifecycle_citizen_next(basis->door->thing, basis->stage);
    if (!basis->is_answered || !target || (basis->door->kind == CASE_SUGGESTION && basis->round > 1))
        return NULL;
    *ret_until_us = basis->answered_us + basis->org->cases[basis->door->kind].reopen_days * CLOCK_DAY_US;
    return target;
}

static const char *if_allowed(const struct case_basis *basis, const char *to)
{
    return lifecycle_citizen_may(basis->door->thing, basis->stage, to) ? to : NULL;
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

/* As further members. A case out of service, or merged into another, is not the citizen's to move. */
static const char *choices_of(struct request *req, const struct rows *rows)
{
    struct slice kind = rows_text(rows, 0, rows_column(rows, "kind"));
    struct case_basis basis = {
        .door = case_door_named(kind),
        .org = request_org_named(req, rows_text(rows, 0, rows_column(rows, "_org"))),
        .stage = rows_text(rows, 0, rows_column(rows, "_stage")),
        .round = (int)rows_int(rows, 0, rows_column(rows, "round")),
        .is_answered = !rows_is_null(rows, 0, rows_column(rows, "_answered_at")),
        .answered_us = rows_instant_us(rows, 0, rows_column(rows, "_answered_at")),
    };
    bool is_own = basis.org && rows_is_null(rows, 0, rows_column(rows, "follows"));
    int64_t until_us = 0;
    const char *withdraw = truth(is_own && if_allowed(&basis, "withdrawn"));
    const char *accept = truth(is_own && if_allowed(&basis, "closed"));
    if (!is_own || !reopening(&basis, &until_us))
        return arena_printf(
            &req->arena,
            ",\"may_withdraw\":%s,\"may_accept\":%s,\"may_reopen\":false,\"reopen_until\":null,"
            "\"reopen_until_jalali\":null",
            withdraw, accept);

    char until[CLOCK_TEXT_MAX], jalali[CLOCK_TEXT_MAX];
    clock_format(until_us, until);
    date_format(jalali_from_gregorian(clock_local(until_us).date), jalali);
    return arena_printf(&req->arena,
                        ",\"may_withdraw\":%s,\"may_accept\":%s,\"may_reopen\":%s,\"reopen_until\":\"%s\","
                        "\"reopen_until_jalali\":\"%s\"",
                        withdraw, accept, truth(req->received_us <= until_us), until, jalali);
}

/* Where an action takes the case; NULL: not from its state, or (of a reply) the statement knows. */
static const char *target_of(const struct case_basis *basis, const char *action, int64_t *ret_until_us)
{
    if (strcmp(action, "reopen") == 0)
        return reopening(basis, ret_until_us);
    return if_allowed(basis, strcmp(action, "accept") == 0 ? "closed" : "withdrawn");
}

/* What the citizen does, or what staff write down for them. */
static struct reply move_case(struct request *req, const struct case_basis *basis, struct param event,
                              struct param own, const char *action, bool is_recorded)
{
    struct case_terms terms;
    bool is_new_round = strcmp(action, "reopen") == 0;
    int64_t until_us = 0;
    const char *target = target_of(basis, action, &until_us);
    if (is_new_round)
        case_terms_anew(req, basis, &terms);
    else
        case_terms_resumed(req, basis, &terms);

    return changed(req, SQL_CASE_CITIZEN_MOVE, event, own, as_uuid(basis->id), as_text(action),
                   as_slice(request_member(req, "text")), as_now(req), as_request_digest(req),
                   target ? as_text(target) : as_null(), as_int(basis->row_version),
                   as_bool(is_new_round || basis->is_paused), as_date(terms.received_on),
                   as_working_days(&terms), as_due_on(&terms), as_due_at(&terms), as_steps(req, &terms),
                   as_int(is_new_round ? 0 : case_days_paused(req, basis)), as_attachments(req),
                   strcmp(action, "complete") == 0 ? as_body(req) : as_null(), as_instant(until_us),
                   is_recorded ? as_actor(req) : as_null(),
                   is_recorded ? as_slice(request_member(req, "channel")) : as_null(),
                   is_recorded ? as_confidential(req) : as_null());
}

static struct reply then_more(struct request *req, const struct rows *rows)
{
    struct slice suggestion = rows_text(rows, 0, rows_column(rows, "suggestion")), object = req->kept;
    int survey = rows_column(rows, "_survey_id");
    if (!suggestion.data)
        suggestion = SLICE("null");
    struct slice members = slice_of(arena_printf(&req->arena, "%.*s,\"suggestion\":%.*s", (int)object.len - 2,
                                                 object.data + 1, (int)suggestion.len, suggestion.data));
    if (!rows_is_null(rows, 0, survey))
        return survey_offer(req, rows_uuid(rows, 0, survey), rows_uuid(rows, 0, rows_column(rows, "_id")),
                            members);
    return reply_bytes(200, JSON_TYPE,
                       slice_of(arena_printf(&req->arena, "{%s,\"satisfaction\":null}", members.data)));
}

struct reply case_tracked(struct request *req, const struct rows *rows)
{
    const char *choices = choices_of(req, rows);
    bool has_more = slice_is(rows_text(rows, 0, rows_column(rows, "kind")), "suggestion") ||
                    !rows_is_null(rows, 0, rows_column(rows, "_answered_at"));
    if (!has_more)
        return case_reply(req, NULL, rows,
                          arena_printf(&req->arena, "%s,\"suggestion\":null,\"satisfaction\":null", choices));
    req->kept = case_object(req, NULL, rows, choices);
    if (!req->kept.data)
        return refused(internal_error);
    struct reply reply = found(req, SQL_TRACK_MORE, as_uuid(rows_uuid(rows, 0, rows_column(rows, "id"))),
                               as_uuid(rows_uuid(rows, 0, rows_column(rows, "_followed_id"))), as_now(req));
    reply.then = then_more;
    return reply;
}

/* The case that the code opens, and the one that it follows, come from the row of track_basis. */
static struct reply move(struct request *req, const struct rows *rows, const char *action)
{
    struct case_basis basis;
    if (track_is_comment(rows))
        return refused(not_found); /* comments have no such thing */
    case_basis_read(req, NULL, rows, &basis);
    if (!basis.org) /* out of service: nobody would take it up */
        return refused(state_conflict);
    struct param own = as_uuid(rows_uuid(rows, 0, rows_column(rows, "own_id")));
    struct reply reply = move_case(req, &basis, as_event_id(req), own, action, false);
    reply.then = track_show;
    return reply;
}

struct reply case_withdraw(struct request *req, const struct rows *rows)
{
    return move(req, rows, "withdraw");
}

static struct reply then_reply(struct request *req, const struct rows *rows)
{
    return move(req, rows, "reply");
}

static struct reply then_reopen(struct request *req, const struct rows *rows)
{
    return move(req, rows, "reopen");
}

static struct reply then_accept(struct request *req, const struct rows *rows)
{
    return move(req, rows, "accept");
}

static struct reply then_complete(struct request *req, const struct rows *rows)
{
    return move(req, rows, "complete");
}

static struct reply then_rate(struct request *req, const struct rows *rows)
{
    if (track_is_comment(rows))
        return refused(not_found);
    struct reply reply = changed(req, SQL_CASE_RATE, as_event_id(req),
                                 as_uuid(rows_uuid(rows, 0, rows_column(rows, "own_id"))),
                                 as_uuid(rows_uuid(rows, 0, rows_column(rows, "_id"))),
                                 as_int(json_integer_value(json_object_get(req->body, "rating"))),
                                 as_slice(request_member(req, "text")), as_now(req), as_request_digest(req));
    reply.then = track_show;
    return reply;
}

static struct reply with_basis(struct request *req,
                               struct reply (*then)(struct request *, const struct rows *))
{
    struct reply reply = found(req, SQL_TRACK_BASIS, as_code_hash(req));
    reply.then = then;
    return reply;
}

struct reply track_reply(struct request *req)
{
    return with_basis(req, then_reply);
}

struct reply track_reopen(struct request *req)
{
    return with_basis(req, then_reopen);
}

struct reply track_accept(struct request *req)
{
    return with_basis(req, then_accept);
}

struct reply track_complete(struct request *req)
{
    return with_basis(req, then_complete);
}

struct reply track_rate(struct request *req)
{
    return with_basis(req, then_rate);
}

/* --- written down by staff --------------------------------------------------------------------- */

static struct reply then_record(struct request *req, const struct rows *rows)
{
    struct case_basis basis;
    case_basis_read(req, req->org, rows, &basis);
    struct reply reply =
        move_case(req, &basis, as_uuid(request_new_id(req)), as_uuid(basis.id), "reply", true);
    reply.then = case_show;
    return reply;
}

struct reply case_record(struct request *req)
{
    const struct case_door *door = case_door_of(req);
    if (!request_may(req, PERMISSION_CASE_FILE) && !case_may(req, door->work | door->reply))
        return refused(forbidden);
    struct reply reply =
        found(req, SQL_CASE_BASIS, as_org(req), as_case_kind(door), request_param(req, "id"));
    reply.then = then_record;
    return reply;
}

/* The citizen's side of a case: reply, withdraw, complete (a suggestion), reopen (of an information request or a
 * suggestion: appeal), rate. */
#include "track.h"

struct param as_citizens(struct request *req)
{
    static const enum thing things[] = {THING_COMPLAINT, THING_MESSAGE, THING_INFO_REQUEST, THING_SUGGESTION};
    static const enum case_kind kinds[] = {CASE_COMPLAINT, CASE_MESSAGE, CASE_INFO_REQUEST, CASE_SUGGESTION};
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 16 * 1024);
    for (size_t i = 0; i < ARRAY_LEN(things); i++) {
        buffer_printf(&out, "%s\"%s\":", i == 0 ? "{" : ",", case_kind_names[kinds[i]]);
        buffer_slice(&out, lifecycle_citizens(&req->arena, things[i]));
    }
    buffer_char(&out, '}');
    return as_json(arena_slice(&req->arena, buffer_view(&out)));
}

/* The case that the code opens, and the one that it follows, come from the row of track_basis. */
static struct reply move(struct request *req, const struct rows *rows, const char *action)
{
    struct case_basis basis;
    struct case_terms terms;
    if (track_is_comment(rows))
        return refused(not_found); /* comments have no such thing */
    case_basis_read(req, NULL, rows, &basis);
    if (!basis.org) /* out of service: nobody would take it up */
        return refused(state_conflict);
    bool is_new_round = strcmp(action, "reopen") == 0;
    if (is_new_round)
        case_terms_anew(req, &basis, &terms);
    else
        case_terms_resumed(req, &basis, &terms);

    struct reply reply =
        changed(req, SQL_CASE_CITIZEN_MOVE, as_event_id(req),
                as_uuid(rows_uuid(rows, 0, rows_column(rows, "own_id"))), as_uuid(basis.id), as_text(action),
                as_slice(request_member(req, "text")), as_now(req), as_request_digest(req), as_citizens(req),
                as_int(basis.row_version), as_bool(is_new_round || basis.is_paused),
                as_date(terms.received_on), as_working_days(&terms), as_due_on(&terms), as_due_at(&terms),
                as_steps(req, &terms), as_int(is_new_round ? 0 : case_days_paused(req, &basis)),
                as_attachments(req), strcmp(action, "complete") == 0 ? as_body(req) : as_null());
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

struct reply track_complete(struct request *req)
{
    return with_basis(req, then_complete);
}

struct reply track_rate(struct request *req)
{
    return with_basis(req, then_rate);
}

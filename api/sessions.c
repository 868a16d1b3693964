/* Sessions of a committee, their agenda, the members' ballots. What the ballots come to is computed by
 * session_results.c when a session is closed; who may see which is decided in SQL, by ballots_shown(). */
#include "sessions.h"

static bool is_of_committee(const struct request *req)
{
    return request_may(req, PERMISSION_COMMITTEE_MANAGE) || request_may(req, PERMISSION_COMMITTEE_SCORE) ||
           request_may(req, PERMISSION_COMMITTEE_DECIDE);
}

struct reply session_list(struct request *req)
{
    return listed_under(req, SQL_SESSION_LIST, as_org(req), request_param(req, "code"),
                        as_bool(is_of_committee(req)), as_cursor_at(req), as_cursor_id(req), as_limit(req));
}

static struct reply shown(struct request *req)
{
    return found(req, SQL_SESSION_GET, as_org(req), request_param(req, "code"), request_param(req, "number"),
                 as_permitted(req, THING_SESSION));
}

struct reply session_get(struct request *req)
{
    return is_of_committee(req) ? shown(req) : refused(forbidden);
}

/* The session after what a write did. */
static struct reply then_show(struct request *req, const struct rows *rows)
{
    (void)rows;
    return shown(req);
}

struct reply session_create(struct request *req)
{
    return created(req, SQL_SESSION_CREATE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_body(req), as_now(req), as_actor(req),
                   as_request_digest(req), as_permitted(req, THING_SESSION));
}

struct reply session_change(struct request *req)
{
    return changed(req, SQL_SESSION_CHANGE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), request_param(req, "number"), as_body(req), as_if_match(req),
                   as_now(req), as_actor(req), as_permitted(req, THING_SESSION));
}

static struct reply then_move(struct request *req, const struct rows *rows)
{
    struct session_results results = session_results_of(req, rows);
    struct reply reply =
        changed(req, SQL_SESSION_MOVE, as_uuid(request_new_id(req)), as_org(req), request_param(req, "code"),
                request_param(req, "number"), as_body(req), as_if_match(req), as_now(req), as_actor(req),
                as_request_digest(req), as_known(req, THING_SESSION), as_permitted(req, THING_SESSION),
                as_reasons(req, THING_SESSION), as_int(results.row_version), as_int(results.ballots),
                as_int(results.quorum_needed), as_json(results.items));
    reply.then = then_show;
    return reply;
}

struct reply session_transition(struct request *req)
{
    struct reply reply =
        found(req, SQL_SESSION_BASIS, as_org(req), request_param(req, "code"), request_param(req, "number"));
    reply.then = then_move;
    return reply;
}

/* --- agenda ------------------------------------------------------------------------------------ */

struct reply session_item_add(struct request *req)
{
    struct reply reply =
        changed(req, SQL_SESSION_ITEM_ADD, as_uuid(request_new_id(req)), as_org(req),
                request_param(req, "code"), request_param(req, "number"), request_param(req, "suggestion"),
                as_now(req), as_actor(req), as_bool(request_may(req, PERMISSION_CASE_CONFIDENTIAL)));
    reply.then = then_show;
    return reply;
}

struct reply session_item_remove(struct request *req)
{
    struct reply reply = changed(req, SQL_SESSION_ITEM_REMOVE, as_uuid(request_new_id(req)), as_org(req),
                                 request_param(req, "code"), request_param(req, "number"),
                                 request_param(req, "suggestion"), as_now(req), as_actor(req));
    reply.then = then_show;
    return reply;
}

/* --- ballots ----------------------------------------------------------------------------------- */

struct reply ballot_put(struct request *req)
{
    return changed(req, SQL_BALLOT_PUT, as_uuid(request_new_id(req)), as_org(req), request_param(req, "code"),
                   request_param(req, "number"), request_param(req, "suggestion"), as_body(req), as_now(req),
                   as_actor(req));
}

struct reply ballot_list(struct request *req)
{
    if (!is_of_committee(req))
        return refused(forbidden);
    return found(req, SQL_BALLOT_LIST, as_org(req), request_param(req, "code"), request_param(req, "number"),
                 request_param(req, "suggestion"), as_actor(req),
                 as_bool(request_may(req, PERMISSION_COMMITTEE_MANAGE)));
}

struct reply recusal_put(struct request *req)
{
    return changed(req, SQL_RECUSAL_PUT, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), request_param(req, "number"), request_param(req, "suggestion"),
                   as_body(req), as_now(req), as_actor(req));
}

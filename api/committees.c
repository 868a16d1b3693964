/* Judging committees: who sits on them and by what they judge. Sessions and ballots are in sessions.c; what
 * the committee's word does to a suggestion is the suggestion's own transition. */
#include "handlers.h"

static struct param as_manager(const struct request *req)
{
    return as_bool(request_may(req, PERMISSION_COMMITTEE_MANAGE));
}

struct reply committee_list(struct request *req)
{
    return listed(req, SQL_COMMITTEE_LIST, as_org(req), as_now(req), as_manager(req), as_cursor_at(req),
                  as_cursor_id(req), as_limit(req));
}

struct reply committee_get(struct request *req)
{
    return found(req, SQL_COMMITTEE_GET, as_org(req), request_param(req, "code"), as_now(req),
                 as_manager(req));
}

struct reply committee_create(struct request *req)
{
    return created(req, SQL_COMMITTEE_CREATE, as_uuid(request_new_id(req)), as_org(req), as_body(req),
                   as_now(req), as_actor(req), as_request_digest(req));
}

struct reply committee_change(struct request *req)
{
    return changed(req, SQL_COMMITTEE_CHANGE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_body(req), as_if_match(req), as_now(req), as_actor(req));
}

struct reply committee_criteria_set(struct request *req)
{
    return changed(req, SQL_COMMITTEE_CRITERIA_SET, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_body(req), as_if_match(req), as_now(req), as_actor(req));
}

struct reply committee_member_add(struct request *req)
{
    return created(req, SQL_COMMITTEE_MEMBER_ADD, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_body(req), as_now(req), as_actor(req),
                   as_request_digest(req));
}

struct reply committee_member_end(struct request *req)
{
    return removed(req, SQL_COMMITTEE_MEMBER_END, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), request_param(req, "member"), as_now(req), as_actor(req));
}

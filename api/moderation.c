/* Staff and comments: moderation, and what is done with each (or with a whole campaign). */
#include "handlers.h"

struct reply comment_transition(struct request *req)
{
    return changed(req, SQL_COMMENT_TRANSITION, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_if_match(req), as_now(req), as_actor(req),
                   as_request_digest(req), as_known(req, THING_COMMENT), as_permitted(req, THING_COMMENT),
                   as_reasons(req, THING_COMMENT));
}

/* A holder of comment.confirm confirms by setting; an expert's disposition is a proposal. */
static struct param as_confirming(const struct request *req)
{
    return as_bool(request_may(req, PERMISSION_COMMENT_CONFIRM));
}

struct reply comment_dispose(struct request *req)
{
    return changed(req, SQL_COMMENT_DISPOSE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_if_match(req), as_now(req), as_actor(req),
                   as_confirming(req), as_permitted(req, THING_COMMENT));
}

struct reply campaign_dispose(struct request *req)
{
    return changed(req, SQL_CAMPAIGN_DISPOSE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), request_param(req, "campaign"), as_body(req), as_now(req),
                   as_actor(req), as_confirming(req));
}

struct reply campaign_list(struct request *req)
{
    return listed_under(req, SQL_CAMPAIGN_LIST, as_org(req), request_param(req, "id"),
                        as_int(request_settings(req)->campaign_least), as_cursor_at(req), as_cursor_id(req),
                        as_limit(req));
}

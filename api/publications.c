/* Answered information requests, published: question and answer as the officer words them for everybody. What
 * the case itself says stays inside; so does the applicant's name, unless it is asked for. */
#include "handlers.h"

struct reply publication_list(struct request *req)
{
    return listed(req, SQL_PUBLICATION_LIST, as_org(req), as_cursor_at(req), as_cursor_id(req),
                  as_limit(req));
}

struct reply publication_get(struct request *req)
{
    return found(req, SQL_PUBLICATION_GET, as_org(req), request_param(req, "id"));
}

struct reply publication_put(struct request *req)
{
    return changed(req, SQL_PUBLICATION_PUT, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_if_match(req), as_now(req), as_actor(req),
                   as_bool(request_may(req, PERMISSION_CASE_CONFIDENTIAL)));
}

struct reply publication_remove(struct request *req)
{
    return removed(req, SQL_PUBLICATION_REMOVE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_if_match(req), as_now(req), as_actor(req));
}

/* Measures: what an organisation does about what it was told, for everybody to read, with its history. */
#include "handlers.h"

struct reply measure_list(struct request *req)
{
    return listed(req, SQL_MEASURE_LIST, as_org(req), request_param(req, "state"), request_param(req, "unit"),
                  as_cursor_at(req), as_cursor_id(req), as_limit(req), as_count_wanted(req));
}

struct reply measure_get(struct request *req)
{
    return found(req, SQL_MEASURE_GET, as_org(req), request_param(req, "id"), as_now(req), as_exact(req));
}

struct reply measure_create(struct request *req)
{
    return created(req, SQL_MEASURE_CREATE, as_uuid(request_new_id(req)), as_org(req), as_body(req),
                   as_now(req), as_actor(req), as_request_digest(req), as_today(req));
}

struct reply measure_change(struct request *req)
{
    return changed(req, SQL_MEASURE_CHANGE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_if_match(req), as_now(req), as_actor(req),
                   as_today(req));
}

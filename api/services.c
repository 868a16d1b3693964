/* The service desk: the catalogue, and ratings of each service. Comments on a service are comments on its
 * subject (subjects.c); complaints and suggestions about it are cases. */
#include "voter.h"

struct reply service_list(struct request *req)
{
    struct reply search =
        listed(req, SQL_SERVICE_SEARCH, as_org(req), request_param(req, "unit"), as_cursor_at(req),
               as_cursor_id(req), as_limit(req), as_count_wanted(req), request_param(req, "q"));
    return worded(req, search, SQL_SERVICE_LIST);
}

struct reply service_get(struct request *req)
{
    return found(req, SQL_SERVICE_GET, as_org(req), request_param(req, "code"), as_exact(req), as_now(req));
}

struct reply service_create(struct request *req)
{
    return created(req, SQL_SERVICE_CREATE, as_uuid(request_new_id(req)), as_org(req), as_body(req),
                   as_now(req), as_actor(req), as_request_digest(req));
}

struct reply service_change(struct request *req)
{
    return changed(req, SQL_SERVICE_CHANGE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_body(req), as_if_match(req), as_now(req), as_actor(req));
}

struct reply service_retire(struct request *req)
{
    return removed(req, SQL_SERVICE_RETIRE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_if_match(req), as_now(req), as_actor(req));
}

/* What a device or a citizen rates once a day: this service of this organisation. */
static struct uuid rating_scope(struct request *req)
{
    return crypto_named_uuid(req->org->id, request_text(req, "code"));
}

struct reply service_rate(struct request *req)
{
    struct uuid scope = rating_scope(req);
    return created(req, SQL_SERVICE_RATE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_body(req), as_now(req), as_today(req),
                   as_identity(req, scope), as_device(req, scope), as_request_digest(req));
}

struct reply service_rating_list(struct request *req)
{
    return listed_under(req, SQL_SERVICE_RATING_LIST, as_org(req), request_param(req, "code"),
                        as_cursor_at(req), as_cursor_id(req), as_limit(req));
}

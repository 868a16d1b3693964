/* Units and county offices, and how each is reached. Their strategy is in orgs.c. */
#include "handlers.h"

struct reply unit_list(struct request *req)
{
    return listed(req, SQL_UNIT_LIST, as_org(req));
}

struct reply unit_get(struct request *req)
{
    return found(req, SQL_UNIT_GET, as_org(req), request_param(req, "code"));
}

struct reply contact_get(struct request *req)
{
    return found(req, SQL_CONTACT_GET, as_org(req));
}

struct reply contact_create(struct request *req)
{
    return created(req, SQL_CONTACT_CREATE, as_uuid(request_new_id(req)), as_org(req), as_body(req),
                   as_now(req), as_actor(req), as_request_digest(req));
}

struct reply contact_change(struct request *req)
{
    return changed(req, SQL_CONTACT_CHANGE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_body(req), as_if_match(req), as_now(req), as_actor(req));
}

struct reply contact_retire(struct request *req)
{
    return removed(req, SQL_CONTACT_RETIRE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_if_match(req), as_now(req), as_actor(req));
}

/* Organisations and the strategies that they published. */
#include "handlers.h"

struct reply org_list(struct request *req)
{
    return listed(req, SQL_ORG_LIST, as_cursor_at(req), as_cursor_id(req), as_limit(req),
                  as_count_wanted(req));
}

struct reply org_get(struct request *req)
{
    return found(req, SQL_ORG_GET, as_org(req));
}

struct reply strategy_get(struct request *req)
{
    return found(req, SQL_STRATEGY_GET, as_org(req));
}

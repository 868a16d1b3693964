/* Figures about the work of an organisation, for everybody. The public gets them rounded and without small
 * groups, holders of stats.read exactly. How they are counted stands in the migration of that name. */
#include "handlers.h"

struct reply stats_get(struct request *req)
{
    return found(req, SQL_STATS_GET, as_org(req), as_exact(req), request_param(req, "kind"),
                 request_param(req, "unit"), request_param(req, "channel"), request_param(req, "from"),
                 request_param(req, "to"), request_param(req, "group_by"), as_today(req));
}

struct reply promise_list(struct request *req)
{
    return listed(req, SQL_PROMISE_LIST, as_org(req), as_now(req));
}

struct reply promise_get(struct request *req)
{
    return found(req, SQL_PROMISE_GET, as_org(req), as_now(req), request_param(req, "code"));
}

struct reply analysis_get(struct request *req)
{
    return found(req, SQL_ANALYSIS_GET, as_org(req), as_exact(req), as_today(req));
}

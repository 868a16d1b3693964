/* One search over everything that the public may read: the best hits, without pages. */
#include "handlers.h"

struct reply search(struct request *req)
{
    return listed(req, SQL_SEARCH_DOCUMENTS, as_org(req), request_param(req, "q"), request_param(req, "kind"),
                  as_limit(req), request_param(req, "org"));
}

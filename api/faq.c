/* Frequent questions: the public reads and searches them, staff keep them. */
#include "handlers.h"

struct reply faq_list(struct request *req)
{
    struct reply search =
        listed(req, SQL_FAQ_SEARCH, as_org(req), request_param(req, "topic"), as_cursor_at(req),
               as_cursor_id(req), as_limit(req), as_count_wanted(req), request_param(req, "q"));
    return worded(req, search, SQL_FAQ_LIST);
}

struct reply faq_get(struct request *req)
{
    return found(req, SQL_FAQ_GET, as_org(req), request_param(req, "code"));
}

struct reply faq_create(struct request *req)
{
    return created(req, SQL_FAQ_CREATE, as_uuid(request_new_id(req)), as_org(req), as_body(req), as_now(req),
                   as_actor(req), as_request_digest(req), as_today(req));
}

struct reply faq_change(struct request *req)
{
    return changed(req, SQL_FAQ_CHANGE, as_uuid(request_new_id(req)), as_org(req), request_param(req, "code"),
                   as_body(req), as_if_match(req), as_now(req), as_actor(req), as_today(req));
}

struct reply faq_retire(struct request *req)
{
    return removed(req, SQL_FAQ_RETIRE, as_uuid(request_new_id(req)), as_org(req), request_param(req, "code"),
                   as_if_match(req), as_now(req), as_actor(req));
}

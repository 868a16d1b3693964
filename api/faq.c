/* Frequent questions: the public reads and searches them, staff keep them. */
#include "handlers.h"

struct reply faq_list(struct request *req)
{
    struct param q = request_param(req, "q");
    struct reply reply = listed(req, SQL_FAQ_SEARCH, as_org(req), request_param(req, "topic"),
                                as_cursor_at(req), as_cursor_id(req), as_limit(req), as_count_wanted(req), q);
    if (q.kind == PARAM_NULL) { /* the same filters, without words */
        reply.statement = SQL_FAQ_LIST;
        reply.param_count--;
    }
    return reply;
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
    return reply_statement(req, 204, SHAPE_NOTHING, SQL_FAQ_RETIRE,
                           REPLY_PARAMS(as_uuid(request_new_id(req)), as_org(req), request_param(req, "code"),
                                        as_if_match(req), as_now(req), as_actor(req)));
}

/* What is in force and may be criticised. Comments on it are filed in comments.c. */
#include "handlers.h"

struct reply subject_list(struct request *req)
{
    struct reply search =
        listed(req, SQL_SUBJECT_SEARCH, as_org(req), request_param(req, "kind"),
               request_param(req, "in_force"), as_today(req), request_param(req, "unit"), as_cursor_at(req),
               as_cursor_id(req), as_limit(req), as_count_wanted(req), request_param(req, "q"));
    return worded(req, search, SQL_SUBJECT_LIST);
}

struct reply subject_get(struct request *req)
{
    return found(req, SQL_SUBJECT_GET, as_org(req), request_param(req, "id"), as_today(req));
}

struct reply subject_create(struct request *req)
{
    return created(req, SQL_SUBJECT_CREATE, as_uuid(request_new_id(req)), as_org(req), as_body(req),
                   as_now(req), as_actor(req), as_request_digest(req), as_today(req));
}

struct reply subject_change(struct request *req)
{
    return changed(req, SQL_SUBJECT_CHANGE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_if_match(req), as_now(req), as_actor(req),
                   as_today(req));
}

struct reply subject_comment_list(struct request *req)
{
    return listed_under(req, SQL_SUBJECT_COMMENT_LIST, as_org(req), request_param(req, "id"),
                        request_param(req, "position"), as_cursor_at(req), as_cursor_id(req), as_limit(req),
                        as_count_wanted(req));
}

/* Drafts of regulations: begin, amend, read, compare. What the public may see is judged in the statements. */
#include "handlers.h"

static struct param as_staff(const struct request *req)
{
    return as_bool(request_may(req, PERMISSION_DRAFT_READ));
}

struct reply draft_list(struct request *req)
{
    struct reply search =
        listed(req, SQL_DRAFT_SEARCH, as_org(req), as_now(req), as_staff(req), request_param(req, "state"),
               request_param(req, "kind"), request_param(req, "updated_since"), as_cursor_at(req),
               as_cursor_id(req), as_limit(req), as_count_wanted(req), request_param(req, "q"));
    return worded(req, search, SQL_DRAFT_LIST);
}

struct reply draft_get(struct request *req)
{
    if (!request_may(req, PERMISSION_DRAFT_READ))
        return found(req, SQL_DRAFT_GET_PUBLIC, as_org(req), request_param(req, "id"), as_now(req));
    return found(req, SQL_DRAFT_GET, as_org(req), request_param(req, "id"), as_now(req),
                 as_permitted(req, THING_DRAFT));
}

struct reply draft_create(struct request *req)
{
    struct uuid id = request_new_id(req);

    return created(req, SQL_DRAFT_CREATE, as_uuid(id), as_org(req), as_body(req), as_now(req), as_actor(req),
                   as_request_digest(req), as_jalali_year(req), as_permitted(req, THING_DRAFT));
}

struct reply draft_change(struct request *req)
{
    return changed(req, SQL_DRAFT_CHANGE, as_uuid(request_new_id(req)), as_org(req), request_param(req, "id"),
                   as_body(req), as_if_match(req), as_now(req), as_actor(req),
                   as_permitted(req, THING_DRAFT));
}

struct reply draft_version_get(struct request *req)
{
    return found(req, SQL_DRAFT_VERSION_GET, as_org(req), request_param(req, "id"), request_param(req, "n"),
                 as_staff(req));
}

struct reply draft_version_create(struct request *req)
{
    return created(req, SQL_DRAFT_VERSION_CREATE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_if_match(req), as_now(req), as_actor(req),
                   as_request_digest(req), as_permitted(req, THING_DRAFT));
}

struct reply draft_diff(struct request *req)
{
    return found(req, SQL_DRAFT_DIFF, as_org(req), request_param(req, "id"), request_param(req, "from"),
                 request_param(req, "to"), as_staff(req));
}

struct reply draft_events(struct request *req)
{
    return listed_under(req, SQL_DRAFT_EVENTS, as_org(req), request_param(req, "id"),
                        as_bool(request_may(req, PERMISSION_EVENT_READ)), as_cursor_at(req),
                        as_cursor_id(req), as_limit(req));
}

struct reply draft_summary(struct request *req)
{
    return found(req, SQL_DRAFT_SUMMARY, as_org(req), request_param(req, "id"));
}

struct reply draft_outcome(struct request *req)
{
    return listed_under(req, SQL_DRAFT_OUTCOME, as_org(req), request_param(req, "id"),
                        request_param(req, "disposition"), as_cursor_at(req), as_cursor_id(req),
                        as_limit(req), as_count_wanted(req));
}

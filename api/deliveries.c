/* Replies on their way to the citizen: whoever brings them, a clerk at the telephone or a gateway, asks what is
 * waiting and records what became of it. Nothing is sent from here. */
#include "cases.h"

struct reply delivery_list(struct request *req)
{
    return listed(req, SQL_DELIVERY_LIST, as_org(req), as_confidential(req), request_param(req, "state"),
                  request_param(req, "channel"), as_cursor_at(req), as_cursor_id(req), as_limit(req));
}

struct reply delivery_record(struct request *req)
{
    return changed(req, SQL_DELIVERY_RECORD, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_slice(request_member(req, "state")),
                   as_slice(request_member(req, "note")), as_now(req), as_actor(req), as_confidential(req));
}

/* What staff say about a case: replies go to the citizen, notes stay inside. */
#include "cases.h"

static struct reply say(struct request *req, const char *what)
{
    return created(req, SQL_CASE_SAY, as_uuid(request_new_id(req)), as_org(req),
                   as_case_kind(case_door_of(req)), request_param(req, "id"),
                   as_slice(request_member(req, "text")), as_now(req), as_actor(req), as_request_digest(req),
                   as_confidential(req), as_text(what), as_attachments(req));
}

struct reply case_write_back(struct request *req)
{
    return case_may(req, case_door_of(req)->reply) ? say(req, "reply") : refused(forbidden);
}

struct reply case_note(struct request *req)
{
    return case_may(req, case_door_of(req)->work) ? say(req, "note") : refused(forbidden);
}

/* The citizen's door: whoever has the code follows, withdraws, objects. A code that cannot be one takes the
 * same way to the same answer as one that is unknown. */
#include "handlers.h"

static struct param as_code_hash(struct request *req)
{
    uint8_t *hash = arena_alloc(&req->arena, TRACKING_HASH_LEN);
    (void)tracking_code_hash(request_tracking_keys(req), &req->arena, request_text(req, "Tracking-Code"),
                             hash);
    return as_bytes(hash, TRACKING_HASH_LEN);
}

struct reply track_get(struct request *req)
{
    return found(req, SQL_TRACK_GET, as_code_hash(req), as_now(req));
}

static struct reply then_show(struct request *req, const struct rows *rows UNUSED)
{
    return track_get(req);
}

struct reply track_withdraw(struct request *req)
{
    struct reply reply = changed(req, SQL_TRACK_WITHDRAW, as_uuid(request_new_id(req)), as_code_hash(req),
                                 as_now(req), as_request_digest(req));
    reply.then = then_show;
    return reply;
}

struct reply track_object(struct request *req)
{
    struct reply reply = changed(req, SQL_TRACK_OBJECT, as_uuid(request_new_id(req)), as_code_hash(req),
                                 as_now(req), as_request_digest(req), as_slice(request_member(req, "text")));
    reply.then = then_show;
    return reply;
}

/* The citizen's door: whoever has the code follows, replies, withdraws, objects, reopens, rates. One code
 * opens a comment or a case; which of them is found first, by one statement, so a code that cannot be one
 * takes the same way to the same answer as one that is unknown. What is done to a case stands in
 * case_track.c. */
#include "track.h"

struct param as_code_hash(struct request *req)
{
    uint8_t *hash = arena_alloc(&req->arena, TRACKING_HASH_LEN);
    (void)tracking_code_hash(request_tracking_keys(req), &req->arena, request_text(req, "Tracking-Code"),
                             hash);
    return as_bytes(hash, TRACKING_HASH_LEN);
}

/* The address is the same for all codes, so the code has its part in the id: two people who happen to send
 * the same Idempotency-Key do two things. */
struct param as_event_id(struct request *req)
{
    return as_uuid(crypto_named_uuid(request_new_id(req), as_code_hash(req).bytes));
}

bool track_is_comment(const struct rows *rows)
{
    return slice_is(rows_text(rows, 0, rows_column(rows, "kind")), "comment");
}

static struct reply then_tracked(struct request *req, const struct rows *rows)
{
    if (track_is_comment(rows))
        return found(req, SQL_TRACK_GET, as_code_hash(req), as_now(req));
    return case_tracked(req, rows);
}

struct reply track_get(struct request *req)
{
    struct reply reply = found(req, SQL_TRACK_CASE, as_code_hash(req), as_now(req));
    reply.then = then_tracked;
    return reply;
}

struct reply track_show(struct request *req, const struct rows *rows)
{
    (void)rows;
    return track_get(req);
}

/* --- comments ---------------------------------------------------------------------------------- */

static struct reply then_withdraw(struct request *req, const struct rows *rows)
{
    if (!track_is_comment(rows))
        return case_withdraw(req, rows);
    struct reply reply = changed(req, SQL_TRACK_WITHDRAW, as_event_id(req), as_code_hash(req), as_now(req),
                                 as_request_digest(req));
    reply.then = track_show;
    return reply;
}

struct reply track_withdraw(struct request *req)
{
    struct reply reply = found(req, SQL_TRACK_BASIS, as_code_hash(req));
    reply.then = then_withdraw;
    return reply;
}

struct reply track_object(struct request *req)
{
    struct reply reply = changed(req, SQL_TRACK_OBJECT, as_event_id(req), as_code_hash(req), as_now(req),
                                 as_request_digest(req), as_slice(request_member(req, "text")));
    reply.then = track_show;
    return reply;
}

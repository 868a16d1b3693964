/* Comments on drafts and on subjects in force: the public files and reads them, staff see them all. */
#include "handlers.h"

#include "base/text.h"

/* Near-identical texts on one draft or subject get the same campaign: the id is a digest of that and the
 * fingerprint. */
static struct uuid campaign_of(struct request *req)
{
    return crypto_named_uuid(request_uuid(req, "id"),
                             text_fingerprint(&req->arena, request_member(req, "text")));
}

static struct reply file(struct request *req, unsigned statement)
{
    struct uuid id = request_new_id(req);
    bool is_trusted = request_may(req, PERMISSION_COMMENT_FILE);
    uint8_t *hash = arena_alloc(&req->arena, TRACKING_HASH_LEN);
    char code[TRACKING_TEXT_MAX];
    tracking_code_write(request_tracking_keys(req), id, code, hash);

    struct reply reply =
        created(req, statement, as_uuid(id), as_org(req), request_param(req, "id"), as_body(req), as_now(req),
                as_actor(req), as_request_digest(req), as_bytes(hash, TRACKING_HASH_LEN),
                as_uuid(campaign_of(req)), as_jalali_year(req), as_bool(is_trusted));
    reply.members = slice_of(arena_printf(&req->arena, "\"tracking_code\":\"%s\"", code));
    return reply;
}

struct reply comment_create(struct request *req)
{
    return file(req, SQL_COMMENT_CREATE);
}

struct reply subject_comment_create(struct request *req)
{
    return file(req, SQL_SUBJECT_COMMENT_CREATE);
}

struct reply comment_list(struct request *req)
{
    return listed_under(req, SQL_COMMENT_LIST, as_org(req), request_param(req, "id"),
                        request_param(req, "clause_id"), request_param(req, "position"), as_cursor_at(req),
                        as_cursor_id(req), as_limit(req), as_count_wanted(req));
}

struct reply comment_queue(struct request *req)
{
    return listed(req, SQL_COMMENT_QUEUE, as_org(req), request_param(req, "state"),
                  request_param(req, "draft_id"), request_param(req, "campaign_id"),
                  request_param(req, "late"), request_param(req, "disposed"),
                  request_param(req, "disposition"), request_param(req, "updated_since"), as_cursor_at(req),
                  as_cursor_id(req), as_limit(req), as_count_wanted(req), request_param(req, "q"),
                  request_param(req, "subject_id"));
}

struct reply comment_get(struct request *req)
{
    return found(req, SQL_COMMENT_GET, as_org(req), request_param(req, "id"),
                 as_permitted(req, THING_COMMENT));
}

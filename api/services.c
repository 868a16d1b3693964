/* The service desk: the catalogue, and ratings of each service. Comments on a service are comments on its
 * subject (subjects.c); complaints and suggestions about it are cases. */
#include "voter.h"

struct reply service_list(struct request *req)
{
    struct param q = request_param(req, "q");
    struct reply reply = listed(req, SQL_SERVICE_SEARCH, as_org(req), request_param(req, "unit"),
                                as_cursor_at(req), as_cursor_id(req), as_limit(req), as_count_wanted(req), q);
    if (q.kind == PARAM_NULL) { /* the same filters, without words */
        reply.statement = SQL_SERVICE_LIST;
        reply.param_count--;
    }
    return reply;
}

struct reply service_get(struct request *req)
{
    return found(req, SQL_SERVICE_GET, as_org(req), request_param(req, "code"),
                 as_bool(request_may(req, PERMISSION_STATS_READ)), as_now(req));
}

struct reply service_create(struct request *req)
{
    return created(req, SQL_SERVICE_CREATE, as_uuid(request_new_id(req)), as_org(req), as_body(req),
                   as_now(req), as_actor(req), as_request_digest(req));
}

struct reply service_change(struct request *req)
{
    return changed(req, SQL_SERVICE_CHANGE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_body(req), as_if_match(req), as_now(req), as_actor(req));
}

struct reply service_retire(struct request *req)
{
    return reply_statement(req, 204, SHAPE_NOTHING, SQL_SERVICE_RETIRE,
                           REPLY_PARAMS(as_uuid(request_new_id(req)), as_org(req), request_param(req, "code"),
                                        as_if_match(req), as_now(req), as_actor(req)));
}

/* What a device or a citizen rates once a day: this service of this organisation. */
static struct uuid rating_scope(struct request *req)
{
    struct slice code = request_text(req, "code");
    uint8_t digest[DIGEST_LEN];
    char *both = arena_alloc(&req->arena, sizeof req->org->id + code.len);

    memcpy(both, req->org->id.bytes, sizeof req->org->id);
    memcpy(both + sizeof req->org->id, code.data, code.len);
    crypto_sha256((struct slice){both, sizeof req->org->id + code.len}, digest);
    return uuid_from_digest(digest);
}

struct reply service_rate(struct request *req)
{
    struct uuid scope = rating_scope(req);
    return created(req, SQL_SERVICE_RATE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "code"), as_body(req), as_now(req), as_today(req),
                   as_identity(req, scope), as_device(req, scope), as_request_digest(req));
}

struct reply service_rating_list(struct request *req)
{
    return listed_under(req, SQL_SERVICE_RATING_LIST, as_org(req), request_param(req, "code"),
                        as_cursor_at(req), as_cursor_id(req), as_limit(req));
}

/* A request as a handler sees it: routed, authorised, valid. Everything in it lives until the answer is sent.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/param.h"
#include "base/settings.h"
#include "contract/contract.h"
#include "domain/policy.h"
#include "domain/tracking.h"

#define PRINCIPAL_ROLES_MAX 16

/* Who holds the key of this request. */
struct principal {
    struct uuid key_id;
    struct uuid org_id; /* the organisation of the key */
    bool is_any_org;    /* a key for all organisations */
    const char *roles[PRINCIPAL_ROLES_MAX + 1];
    size_t role_count;
};

enum language { LANGUAGE_FA, LANGUAGE_EN };

/* A body of bytes, in the store. */
struct stored_file {
    uint8_t sha256[DIGEST_LEN];
    int64_t size;
    const char *media_type; /* by its content */
};

struct request {
    struct arena arena;
    const struct operation *operation;
    const struct org *org;       /* of the path's {org}; NULL where there is none */
    const struct principal *who; /* NULL: the public */
    uint64_t permissions;        /* of `who` in `org` */
    struct slice identity;       /* issuer and subject of a verified citizen; NULL: nobody is verified */
    int64_t received_us;         /* by the database's clock */
    enum language language;

    json_t *body;                   /* validated, defaults filled in; NULL where there is none */
    struct slice body_text;         /* the same as JSON text */
    const struct stored_file *file; /* NULL where the operation takes no body of bytes */
    struct slice kept;              /* a handler's own, from one of its steps to the next */

    struct exchange *exchange; /* private to http/ */
};

/* The values of parameters that the contract declares; asking for another aborts in the dev preset. An absent
 * optional parameter: NULL slice, `fallback`, false. */
struct slice request_text(const struct request *req, const char *name);
struct uuid request_uuid(const struct request *req, const char *name);
int64_t request_int(const struct request *req, const char *name, int64_t fallback);
bool request_bool(const struct request *req, const char *name);
/* The same as statement parameters: NULL when absent, the contract's type otherwise (date-time → instant). */
struct param request_param(const struct request *req, const char *name);

/* A member of the body as text, NULL slice if absent or null. */
struct slice request_member(const struct request *req, const char *name);
static inline struct param as_body(const struct request *req)
{
    return as_json(req->body_text);
}

bool request_may(const struct request *req, enum permission permission);
/* Who did it, for events: the key's id, or NULL for the public. */
struct param as_actor(const struct request *req);

/* The id of what this request creates (a row, an event): new, or derived from caller + operation +
 * Idempotency-Key, so that a repeated request finds its own row. The digest of the request tells the same
 * from another. */
struct uuid request_new_id(struct request *req);
struct param as_request_digest(struct request *req);

/* The row versions of the tags in If-Match, as text[]; NULL param for "*". What is no tag of ours is left out, so an
 * empty array matches nothing: `row_version::text <> ALL ($n)` is then a failed precondition. */
struct param as_if_match(struct request *req);

/* Keyset paging: `limit` (1..100, default 20) as int4 with one row more than asked (the engine cuts it and
 * writes `next`), and the position behind which to go on (NULL, NULL on the first page). */
struct param as_limit(const struct request *req);
struct param as_cursor_at(const struct request *req);
struct param as_cursor_id(const struct request *req);
/* Prefer: count=exact */
struct param as_count_wanted(const struct request *req);

/* An organisation by its slug where the path names none; NULL if there is none. Lives as long as the request.
 */
const struct org *request_org_named(struct request *req, struct slice slug);

/* The server's settings, and the contract as JSON text. */
const struct settings *request_settings(const struct request *req);
struct slice request_contract_json(const struct request *req);

/* The server's keys for tracking codes. */
const struct tracking_keys *request_tracking_keys(const struct request *req);

#endif

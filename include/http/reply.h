/* What a handler returns: ready bytes, a problem, or the name of one statement whose rows become the body.
 *
 * Columns of a statement that speak to the engine (and never go into a body):
 *   _problem text      a code of problem.def: this is the refusal; "retry": run it again (a race was lost);
 *                      "busy": what an earlier statement of this request read has changed since, so the handler
 *                      begins anew (and where that happens time and again, it is the refusal)
 *   _detail jsonb      further members of that problem, e.g. {"closes_at": ...}
 *   _etag text         the entity tag (row version first: "3", "3-open")
 *   _until timestamptz the body is right until then (bounds the cache)
 *   _replayed bool     an earlier request with the same Idempotency-Key did this; so says the answer, whatever
 *                      `then` reads for it
 *   _public bool       false: no public view changed, cached answers stay
 *   _cursor_at timestamptz, _cursor_id uuid
 *                      the keyset of a list row; _cursor_id NULL: this row carries no item
 *   _total int8        with Prefer: count=exact */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "db/rows.h"
#include "http/problem.h"
#include "http/request.h"

enum reply_kind { REPLY_BYTES, REPLY_PROBLEM, REPLY_STATEMENT, REPLY_FILE };

enum reply_shape {
    SHAPE_ROW,        /* the first row as an object; no row: not_found */
    SHAPE_LIST,       /* {"items","next"}; no row: an empty list */
    SHAPE_LIST_UNDER, /* the same; no row: not_found (the thing above the list is missing) */
    SHAPE_NOTHING,    /* 204; no row: not_found */
};

#define REPLY_HEADERS_MAX 4

struct reply {
    enum reply_kind kind;
    unsigned status;

    struct slice bytes; /* REPLY_BYTES: constant, or in the request's arena */
    const char *media_type;
    const char *etag; /* strong tag without quotes, or NULL */

    uint8_t sha256[DIGEST_LEN]; /* REPLY_FILE: of the store, with media_type; its digest is its tag */

    enum problem problem;   /* REPLY_PROBLEM */
    struct slice extension; /* JSON members without braces: "\"allowed\":[\"open\"]" */
    struct faults *faults;  /* for validation_failed */

    unsigned statement; /* REPLY_STATEMENT */
    enum reply_shape shape;
    const struct param *params;
    unsigned param_count;
    struct slice members; /* JSON members to add to the row's object: "\"tracking_code\":\"...\"" */
    /* Goes on with the rows instead of writing them; may itself name a statement. NULL: write them. */
    struct reply (*then)(struct request *req, const struct rows *rows);
    /* The rows are one page of a long body, streamed: writes them to `out` as bytes of reply.media_type, sets
     * `params` to those of the next page and returns true, or false where it was the last. Is called for each
     * page; what it remembers is in page_state, in the request's arena. NULL: not streamed. */
    bool (*page)(void *page_state, const struct rows *rows, struct param *params, struct buffer *out);
    void *page_state;

    struct {
        const char *name, *value;
    } headers[REPLY_HEADERS_MAX];
};

typedef struct reply handler_fn(struct request *req);

/* Copies the params into the arena. */
struct reply reply_statement(struct request *req, unsigned status, enum reply_shape shape, unsigned statement,
                             const struct param *params, unsigned param_count);
struct reply reply_problem(enum problem problem);
struct reply reply_bytes(unsigned status, const char *media_type, struct slice bytes);
/* Content of the store, straight from the disk. `sha256` has DIGEST_LEN bytes. */
struct reply reply_file(const char *media_type, struct slice sha256);
void reply_add_header(struct reply *reply, const char *name, const char *value);

#define REPLY_PARAMS(...)                                                                                    \
    (struct param[]){__VA_ARGS__}, (unsigned)(sizeof((struct param[]){__VA_ARGS__}) / sizeof(struct param))

/* The constructors that handlers use: a sentence each. */
#define found(req, sql, ...)   reply_statement(req, 200, SHAPE_ROW, sql, REPLY_PARAMS(__VA_ARGS__))
#define created(req, sql, ...) reply_statement(req, 201, SHAPE_ROW, sql, REPLY_PARAMS(__VA_ARGS__))
#define changed(req, sql, ...) reply_statement(req, 200, SHAPE_ROW, sql, REPLY_PARAMS(__VA_ARGS__))
#define removed(req, sql, ...) reply_statement(req, 204, SHAPE_NOTHING, sql, REPLY_PARAMS(__VA_ARGS__))
#define listed(req, sql, ...)  reply_statement(req, 200, SHAPE_LIST, sql, REPLY_PARAMS(__VA_ARGS__))
#define listed_under(req, sql, ...)                                                                          \
    reply_statement(req, 200, SHAPE_LIST_UNDER, sql, REPLY_PARAMS(__VA_ARGS__))
#define refused(code) reply_problem(PROBLEM_##code)

/* The row that binds an operation of the contract to its handler; NULL id ends a table. */
struct binding {
    const char *operation_id;
    handler_fn *handler;
};

#endif

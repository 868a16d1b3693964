/* The seam inside http/: the transport (loop.c, connection.c, guard.c: all that knows libmicrohttpd) on one
 * side, the engine (engine.c, gate.c, answer.c, cache.c, ...: all that knows the contract and the database)
 * on the other.
 *
 * The life of an exchange, all on one loop's thread:
 *   1. The head has arrived. The transport fills `head`, runs the guard, then calls engine_head().
 *   2. The transport gathers the body into `body` (bounded by body_max; `is_body_too_large` past it), or hands
 *      its pieces to upload_take() if it `is_streamed`.
 *   3. The body is complete: engine_run(). Either the answer is there (true), or the exchange waits for the
 *      database (false): the connection waits until the engine calls exchange_answered().
 *   4. The transport sends `answer`, and calls engine_done() when the last byte is gone, or the client. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "base/buffer.h"
#include "db/db.h"
#include "http/reply.h"
#include "http/request.h"

#include "cursor.h"
#include "keys.h"
#include "ratelimit.h"

struct loop;
struct engine;
struct upload;

/* Bytes of an answer that several exchanges and the cache may share. */
struct content {
    unsigned references; /* atomic */
    size_t len;
    char *data; /* malloc'd, or constant if is_static */
    bool is_static;
};
struct content *content_new(char *data, size_t len, bool is_static); /* takes `data`; one reference */
struct content *content_ref(struct content *content);
void content_unref(struct content *content); /* accepts NULL */

#define ANSWER_HEADERS_MAX 20

/* A file that is an answer's body. */
struct outgoing {
    int fd;                /* -1: libmicrohttpd has it, and closes it */
    uint64_t offset, size; /* of the part that goes */
};

struct answer {
    unsigned status;
    struct content *content;   /* NULL: no body */
    struct outgoing *outgoing; /* instead of content, or NULL */
    struct { /* in the request's arena, in the cache entry that `content` pins, or constant */
        const char *name, *value;
    } headers[ANSWER_HEADERS_MAX];
    size_t header_count;
    bool is_stream;  /* the body comes from stream_read() (stream.h) */
    bool is_closing; /* Connection: close, and the transport may answer before the body has come */
};

struct head {
    enum http_method method;  /* METHOD_COUNT: not one that we know */
    struct slice path, query; /* raw, as on the request line; query without "?" */
    /* The value of a header (case-insensitive, the first), NULL slice if absent. */
    struct slice (*header)(const struct exchange *exchange, const char *name);
    struct slice address;   /* the client's, as bytes (4 or 16): for rate limits only, never logged */
    int64_t content_length; /* -1: none stated */
    bool has_body;          /* Content-Length above 0, or chunked */
};

/* The body of a streamed answer, page by page (stream.h). */
struct stream {
    struct buffer page;
    size_t sent; /* of the page */
    uint64_t bytes;
    struct param *params; /* of the next page */
    bool is_entered, has_more, is_broken;
};

struct exchange {
    struct request request;
    struct head head;
    struct engine *engine;
    struct buffer body;
    size_t body_max; /* set by engine_head() */
    bool is_body_too_large;
    bool is_streamed;
    struct upload *upload; /* of a streamed body; NULL: none was begun */
    bool is_answered;
    struct answer answer;

    int64_t started_mono_us;
    int64_t db_started_mono_us, db_us; /* time spent waiting for the database */
    char request_id[48];
    uint8_t digest[32]; /* of method, path and body, once has_digest */
    bool has_digest;
    const char *log_code; /* problem code for the log line, or NULL */

    /* the engine's */
    struct registry *registry; /* pins request.org */
    struct bearer bearer;
    struct rate_verdict rate; /* limit 0: none was taken */
    char trace_id[33];        /* of a traceparent, or "" */
    struct db_job job;
    void (*job_answered)(struct exchange *exchange, enum db_outcome outcome, const struct rows *rows);
    struct reply reply;
    struct stream stream;
    struct principal principal;
    struct route_match route;
    json_t *parameters[OPERATION_PARAMETERS_MAX];
    uint64_t cache_generation; /* of what the statement reads, as it was submitted */
    unsigned retries, starts, step;
    bool is_running;  /* engine_run() is under way, so nobody waits */
    bool is_replayed; /* an earlier request with this Idempotency-Key did it */
    bool is_counting, has_cursor, has_parameters, has_transfer;
    struct cursor cursor;
};

/* --- the engine, called by the transport ----------------------------------------------------------- */

struct server_config;
/* What all loops share (settings, contract, registry, key cache, response cache, rate limiter, metrics).
 * NULL: contract and bindings do not match, told on stderr. */
struct shared;
struct shared *shared_new(const struct server_config *config);
void shared_free(struct shared *shared);

struct engine *engine_new(struct shared *shared, struct loop *loop, int epoll_fd, bool is_first);
void engine_free(struct engine *engine);
/* Once a loop turn, after sources and connections were served: flushes the database lanes. Returns the
 * monotonic ms of the next wanted call. */
int64_t engine_turn(struct engine *engine, int64_t now_mono_ms);
bool engine_is_ready(const struct engine *engine);    /* the database answers */
unsigned engine_waiting(const struct engine *engine); /* exchanges that wait for the database */

/* Step 1. True: go on reading the body. False: the answer is there already; if it is_closing it may be sent
 * at once, otherwise the (bounded) body is read and dropped first. Never waits. */
bool engine_head(struct exchange *exchange);
/* Step 3. */
bool engine_run(struct exchange *exchange);
/* Step 4: logs the line, counts, releases everything but the exchange itself. */
void engine_done(struct exchange *exchange, bool is_complete);
/* For the guard and the transport: makes `answer` a problem document. */
void engine_refuse(struct exchange *exchange, enum problem problem, bool is_closing);

/* --- the transport, called by the engine ------------------------------------------------------------- */

void exchange_answered(struct exchange *exchange); /* the waiting connection goes on */

#endif

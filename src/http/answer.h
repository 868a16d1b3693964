/* From what the gate, the handler or the database said to the status, headers and bytes that are sent. Every
 * function here leaves the exchange answered, except where a reply names a statement. */
#ifndef ANSWER_H
#define ANSWER_H

#include "cache.h"
#include "exchange.h"

struct refusal {
    enum problem problem;
    const char *persian, *english; /* the detail, or NULL */
    struct slice extension;        /* JSON members without braces */
    const struct faults *faults;
};

/* A finished body and what goes with it. */
struct body {
    unsigned status;
    const char *media_type; /* NULL: JSON */
    char *data;             /* malloc'd (taken), or constant or in the arena if is_borrowed; NULL: no body */
    size_t len;
    bool is_borrowed;
    const char *etag; /* with its quotes, or NULL */
    const char *link;
    int64_t until_us; /* the body is right until then; INT64_MAX if nothing bounds it */
};

void answer_refusal(struct exchange *exchange, const struct refusal *refusal);
void answer_problem(struct exchange *exchange, enum problem problem);
/* Content or file, whatever it has. */
void answer_drop_content(struct answer *answer);
void answer_options(struct exchange *exchange);
void answer_body(struct exchange *exchange, struct body *body);
/* The head of a streamed answer, as the reply says. */
void answer_stream(struct exchange *exchange);
/* Bytes, a problem, or a statement that is submitted (statement.c): then the exchange waits. */
void answer_reply(struct exchange *exchange, struct reply reply);

/* This request may be answered from the cache, and its answer kept there. */
bool answer_is_cacheable(const struct exchange *exchange);
/* Takes the reference of `cached->content`. */
void answer_from_cache(struct exchange *exchange, const struct cached *cached);

/* --- answer_headers.c -------------------------------------------------------------------------- */

/* `value` lives as long as the exchange. */
void answer_header(struct exchange *exchange, const char *name, const char *value);
/* The headers that every answer has, once status and content are there. `media_type` NULL: no content. */
void answer_common_headers(struct exchange *exchange, const char *media_type);
void answer_preflight_headers(struct exchange *exchange);
/* "GET, HEAD, OPTIONS" */
const char *answer_allow(struct exchange *exchange);
/* The request's If-None-Match names `etag`. */
bool answer_is_known(const struct exchange *exchange, const char *etag);

/* A request header, also before the head was seen. */
struct slice answer_request_header(const struct exchange *exchange, const char *name);

#endif

/* The first thing that a request meets: is its head one that every HTTP parser reads in the same way?
 *
 * Pure: no sockets, no libmicrohttpd. That library parses leniently (PITFALLS.md 1.1): the first of two
 * lengths wins, a folded line renames a header, a NUL cuts a value, a bare LF ends a line. All of these leave
 * the pieces that it hands out standing apart in the receive buffer in another way than a clean head does. So
 * the guard first asks whether the pieces tile the buffer from the method to the empty line, and only then
 * looks at what they say. */
#ifndef GUARD_H
#define GUARD_H

#include "contract/contract.h"
#include "http/problem.h"

#define GUARD_HEADERS_MAX 64
#define GUARD_TARGET_MAX  4096

struct guard_header {
    struct slice name, value;
};

/* A head as the parser cut it. Method, version, names and values are views into the receive buffer, in which
 * the parser has overwritten each separator by NUL. */
struct guard_head {
    struct slice method, version;
    struct slice target;   /* a copy made before the parser wrote into it */
    const char *target_at; /* where the target stands in the buffer */
    const char *end;       /* behind the empty line */
    struct guard_header headers[GUARD_HEADERS_MAX];
    size_t header_count; /* all of them; those past the maximum are not in `headers` */
};

/* What the head says, once it is known to be clear. */
struct guard_facts {
    enum http_method method; /* METHOD_COUNT: not one that we know */
    struct slice path, query;
    int64_t content_length; /* -1: none stated */
    bool is_chunked, expects_continue;
};

/* PROBLEM_COUNT: all is well. Anything else is to be answered, and the connection closed: what follows in it
 * cannot be trusted. Method, path and query of `ret` are set in either case. */
MUST_USE enum problem guard_check(const struct guard_head *head, struct guard_facts *ret);

#endif

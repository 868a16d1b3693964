/* The constructors of replies: plain data for the engine. How a reply becomes an answer is in answer.c and
 * statement.c. */
#include "http/reply.h"

#include <stdlib.h>

struct reply reply_statement(struct request *req, unsigned status, enum reply_shape shape, unsigned statement,
                             const struct param *params, unsigned param_count)
{
    struct param *copies = arena_alloc_array(&req->arena, param_count, sizeof *copies);
    if (param_count > 0)
        memcpy(copies, params, param_count * sizeof *copies);
    return (struct reply){
        .kind = REPLY_STATEMENT,
        .status = status,
        .shape = shape,
        .statement = statement,
        .params = copies,
        .param_count = param_count,
    };
}

struct reply reply_problem(enum problem problem)
{
    return (struct reply){.kind = REPLY_PROBLEM, .status = problem_rows[problem].status, .problem = problem};
}

struct reply reply_bytes(unsigned status, const char *media_type, struct slice bytes)
{
    return (struct reply){.kind = REPLY_BYTES, .status = status, .media_type = media_type, .bytes = bytes};
}

struct reply reply_file(const char *media_type, struct slice sha256)
{
    struct reply reply = {.kind = REPLY_FILE, .status = 200, .media_type = media_type};
    memcpy(reply.sha256, sha256.data, sizeof reply.sha256);
    return reply;
}

void reply_add_header(struct reply *reply, const char *name, const char *value)
{
    for (size_t i = 0; i < REPLY_HEADERS_MAX; i++) {
        if (!reply->headers[i].name) {
            reply->headers[i].name = name;
            reply->headers[i].value = value;
            return;
        }
    }
    abort(); /* a handler that adds more is a bug */
}

/* A head goes through the real libmicrohttpd, over a socket pair, and then through the guard: what both are
 * tested and fuzzed with, since the guard's first rule is about what that parser leaves in its buffer. */
#ifndef HEAD_HARNESS_H
#define HEAD_HARNESS_H

#include "../../../src/http/head.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NOT_JUDGED = PROBLEM_COUNT + 1 }; /* the parser refused the head itself, or waits for more of it */

struct harness {
    struct MHD_Daemon *daemon;
    char *target;
    struct guard_facts facts;
    char path[GUARD_TARGET_MAX + 2], query[GUARD_TARGET_MAX + 2];
    int verdict;
};

static void *harness_target(void *context, const char *target, struct MHD_Connection *connection)
{
    (void)connection;
    struct harness *harness = context;
    free(harness->target);
    harness->target = strndup(target, GUARD_TARGET_MAX + 1);
    return harness;
}

static size_t harness_leave(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static enum MHD_Result harness_head(void *context, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_len, void **request_context)
{
    (void)data;
    (void)data_len;
    (void)request_context;
    struct harness *harness = context;
    struct guard_head head;
    head_gather(connection, method, url, version, slice_of(harness->target), &head);
    harness->verdict = (int)guard_check(&head, &harness->facts);
    snprintf(harness->path, sizeof harness->path, "%.*s", (int)harness->facts.path.len,
             harness->facts.path.data);
    snprintf(harness->query, sizeof harness->query, "%.*s", (int)harness->facts.query.len,
             harness->facts.query.data);
    return MHD_NO;
}

static void harness_quiet(void *context, const char *format, va_list arguments)
{
    (void)context;
    (void)format;
    (void)arguments;
}

static inline void harness_start(struct harness *harness)
{
    *harness = (struct harness){0};
    harness->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG, 0, NULL,
                                       NULL, harness_head, harness, MHD_OPTION_EXTERNAL_LOGGER, harness_quiet,
                                       NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384,
                                       MHD_OPTION_URI_LOG_CALLBACK, harness_target, harness,
                                       MHD_OPTION_UNESCAPE_CALLBACK, harness_leave, NULL, MHD_OPTION_END);
    if (!harness->daemon)
        abort();
}

/* The verdict on the first head in `bytes`: a problem, PROBLEM_COUNT, or NOT_JUDGED. */
static inline int harness_judge(struct harness *harness, const void *bytes, size_t len)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    harness->verdict = NOT_JUDGED;
    if (write(ends[1], bytes, len) < 0 && len > 0)
        abort();
    shutdown(ends[1], SHUT_WR);
    if (MHD_add_connection(harness->daemon, ends[0], (struct sockaddr *)&address, sizeof address) != MHD_YES)
        abort();
    for (int i = 0; i < 8; i++)
        MHD_run(harness->daemon);
    close(ends[1]);
    MHD_run(harness->daemon);
    MHD_run(harness->daemon);
    return harness->verdict;
}

static inline void harness_stop(struct harness *harness)
{
    MHD_stop_daemon(harness->daemon);
    free(harness->target);
}

#endif

/* The server: checks the settings that listeners and limits depend on, then opens and starts the loops; and
 * the way back.
 *
 * Not for what a loop does (loop.c) nor for what loops share of the engine (shared_new()). */
#include "http/server.h"

#include "loop.h"

#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define FILES_OF_LOOP 16 /* epoll sets, listener, database */
#define FILES_OF_REST 96 /* admin connections, worker, files */

/* --- settings ------------------------------------------------------------------------------------ */

static bool read_listener(const char *name, const char *text, bool may_be_reachable, struct listener *ret)
{
    if (!listener_parse(text, ret)) {
        fprintf(stderr, "%s: \"%s\" is not address:port, [v6]:port or unix:/path\n", name, text);
        return false;
    }
    if (ret->is_reachable && !may_be_reachable) {
        fprintf(stderr, "%s: %s is reachable from elsewhere; set nginx in front, or allow_public_bind\n",
                name, text);
        return false;
    }
    return true;
}

/* As many connections as there may be files. */
static unsigned fit_connections(const struct settings *settings)
{
    const rlim_t others = FILES_OF_REST + FILES_OF_LOOP * (rlim_t)settings->loops + 2 * ADMISSION_HEADROOM +
                          (rlim_t)settings->transfers;
    const rlim_t wanted = (rlim_t)settings->connections + others;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return (unsigned)settings->connections;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
            return (unsigned)settings->connections;
    }
    if (limit.rlim_cur >= wanted)
        return (unsigned)settings->connections;

    rlim_t fitting = limit.rlim_cur > others + 16 ? limit.rlim_cur - others : 16;
    log_warn("server.connections_lowered", log_int("setting", settings->connections),
             log_int("connections", (int64_t)fitting), log_int("files", (int64_t)limit.rlim_cur));
    return (unsigned)fitting;
}

/* --- loops --------------------------------------------------------------------------------------- */

/* Every loop has its own TCP socket, between which the kernel chooses; a unix socket is one for all. */
static int open_listener(const struct server *server, unsigned index)
{
    if (index > 0 && server->listener.address.any.sa_family == AF_UNIX)
        return dup(server->loops[0].listen_fd);
    return listener_open(&server->listener, server->config.settings->loops > 1);
}

static bool open_loops(struct server *server, unsigned wanted)
{
    const struct settings *settings = server->config.settings;
    server->loops = calloc(wanted, sizeof *server->loops);
    if (!server->loops)
        abort();
    for (unsigned i = 0; i < wanted; i++) {
        int listen_fd = open_listener(server, i);
        if (listen_fd < 0) {
            fprintf(stderr, "listen: %s: %s\n", settings->listen, strerror(errno));
            return false;
        }
        server->loop_count = i + 1;
        if (!loop_open(&server->loops[i], server, listen_fd, i == 0)) {
            fprintf(stderr, "loop %u (admin_listen %s): %s\n", i, settings->admin_listen, strerror(errno));
            return false;
        }
    }
    return true;
}

static bool start_loops(struct server *server)
{
    for (unsigned i = 0; i < server->loop_count; i++)
        if (!loop_start(&server->loops[i])) {
            fprintf(stderr, "loop %u: no thread\n", i);
            return false;
        }
    return true;
}

/* --- life ---------------------------------------------------------------------------------------- */

static bool start(struct server *server)
{
    const struct settings *settings = server->config.settings;
    if (!read_listener("listen", settings->listen, settings->allow_public_bind, &server->listener) ||
        !read_listener("admin_listen", settings->admin_listen, settings->allow_public_bind,
                       &server->admin_listener))
        return false;
    signal(SIGPIPE, SIG_IGN);
    server->shared = shared_new(&server->config);
    if (!server->shared)
        return false;
    server->connections = fit_connections(settings);
    server->admission = admission_new(server->connections, (unsigned)settings->connections_per_address);
    return open_loops(server, (unsigned)settings->loops) && start_loops(server);
}

struct server *server_start(const struct server_config *config)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        abort();
    server->config = *config;
    if (start(server))
        return server;
    server_stop(server);
    return NULL;
}

void server_stop(struct server *server)
{
    atomic_store(&server->is_draining, true);
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_wake(&server->loops[i]);
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_join(&server->loops[i]);
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_close(&server->loops[i]);
    if (server->loop_count > 0)
        listener_remove(&server->listener);
    if (server->shared)
        shared_free(server->shared);
    admission_free(server->admission);
    free(server->loops);
    free(server);
}

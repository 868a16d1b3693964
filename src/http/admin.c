/* What operators and probes ask. A separate libmicrohttpd daemon with small limits of its own, so that it
 * answers while the public listener is full or draining. No part of the contract, no gate: it is not
 * reachable from elsewhere. */
#include "admin.h"

#include "metrics.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64
#define TIMEOUT_SECONDS 10u
#define RUN_EVERY_MS    1000 /* for its timeouts */
#define TEXT_MAX        (4 * 1024 * 1024)

struct admin {
    struct poll_source source;
    struct server *server;
    struct MHD_Daemon *daemon;
    int listen_fd;
    bool is_ready;
    int64_t run_ms;
};

/* --- pages --------------------------------------------------------------------------------------- */

static unsigned write_alive(struct server *server, struct buffer *out)
{
    (void)server;
    buffer_str(out, "{\"status\":\"ok\"}\n");
    return 200;
}

static bool is_database_up(const struct server *server)
{
    for (unsigned i = 0; i < server->loop_count; i++)
        if (!atomic_load_explicit(&server->loops[i].is_database_up, memory_order_relaxed))
            return false;
    return true;
}

static unsigned write_readiness(struct server *server, struct buffer *out)
{
    bool is_draining = atomic_load(&server->is_draining), is_up = is_database_up(server);
    buffer_printf(out, "{\"status\":\"%s\",\"database\":\"%s\"}\n",
                  is_draining ? "draining"
                  : is_up     ? "ready"
                              : "not_ready",
                  is_up ? "up" : "down");
    return is_up && !is_draining ? 200 : 503;
}

static void write_metric(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_printf(out, "# HELP mosharekat_%s %s\n# TYPE mosharekat_%s %s\n", name, help, name, type);
}

static void write_transport(struct server *server, struct buffer *out)
{
    struct transport_counts *counts = &server->counts;
    write_metric(out, "connections", "gauge", "Connections that are open.");
    buffer_printf(out, "mosharekat_connections %u\n", admission_count(server->admission));
    write_metric(out, "connections_refused_total", "counter", "Connections above a limit.");
    buffer_printf(out, "mosharekat_connections_refused_total %lu\n",
                  atomic_load(&counts->connections_refused));
    write_metric(out, "guard_refused_total", "counter", "Requests that the guard refused.");
    buffer_printf(out, "mosharekat_guard_refused_total %lu\n", atomic_load(&counts->guard_refused));
    write_metric(out, "deadline_closed_total", "counter", "Connections closed because a deadline passed.");
    for (enum phase phase = 0; phase < PHASE_COUNT; phase++)
        buffer_printf(out, "mosharekat_deadline_closed_total{phase=\"%s\"} %lu\n", phase_names[phase],
                      atomic_load(&counts->deadline_closed[phase]));
}

static unsigned write_metrics(struct server *server, struct buffer *out)
{
    write_transport(server, out);
    shared_metrics(server->shared, out);
    return 200;
}

static const struct page {
    const char *path, *media_type;
    unsigned (*write)(struct server *server, struct buffer *out); /* returns the status */
} pages[] = {
    {"/livez", "application/json", write_alive},
    {"/readyz", "application/json", write_readiness},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", write_metrics},
};

/* --- requests ------------------------------------------------------------------------------------ */

static const struct page *find_page(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        if (strcmp(pages[i].path, path) == 0)
            return &pages[i];
    return NULL;
}

static enum MHD_Result answer(struct admin *admin, struct MHD_Connection *connection, const struct page *page)
{
    struct buffer out;
    buffer_init(&out, TEXT_MAX);
    unsigned status = 404;
    if (page)
        status = page->write(admin->server, &out);
    else
        buffer_str(&out, "{\"status\":\"not_found\"}\n");

    size_t len;
    char *text = buffer_steal(&out, &len);
    struct MHD_Response *response = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(text);
        return MHD_NO;
    }
    enum MHD_Result result = MHD_NO;
    if (MHD_add_response_header(response, "Content-Type", page ? page->media_type : "application/json") ==
            MHD_YES &&
        MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES)
        result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* Answered in the last call, as libmicrohttpd closes what is answered in the first; a body is dropped. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *data_len,
                              void **request_context)
{
    (void)version;
    (void)data;
    if (!*request_context) {
        *request_context = context;
        return MHD_YES;
    }
    if (*data_len > 0) {
        *data_len = 0;
        return MHD_YES;
    }
    bool is_read = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    return answer(context, connection, is_read ? find_page(url) : NULL);
}

/* --- life ---------------------------------------------------------------------------------------- */

static void admin_ready(struct poll_source *source, uint32_t events)
{
    (void)events;
    CONTAINER_OF(source, struct admin, source)->is_ready = true;
}

void admin_turn(struct admin *admin, int64_t now_ms)
{
    if (!admin->is_ready && now_ms - admin->run_ms < RUN_EVERY_MS)
        return;
    admin->is_ready = false;
    admin->run_ms = now_ms;
    MHD_run(admin->daemon);
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (MHD_get_timeout(admin->daemon, &timeout_ms) == MHD_YES && timeout_ms == 0)
        MHD_run(admin->daemon);
}

static bool start(struct admin *admin, int epoll_fd)
{
    admin->listen_fd = listener_open(&admin->server->admin_listener, false);
    if (admin->listen_fd < 0)
        return false;
    admin->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, admin, MHD_OPTION_LISTEN_SOCKET,
                                     admin->listen_fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
                                     MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_SECONDS, MHD_OPTION_END);
    if (!admin->daemon)
        return false;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    admin->source.ready = admin_ready;
    return info && poll_add(epoll_fd, info->epoll_fd, EPOLLIN, &admin->source);
}

struct admin *admin_open(struct server *server, int epoll_fd)
{
    struct admin *admin = calloc(1, sizeof *admin);
    if (!admin)
        abort();
    *admin = (struct admin){.server = server, .listen_fd = -1, .is_ready = true};
    if (start(admin, epoll_fd))
        return admin;
    admin_close(admin);
    return NULL;
}

void admin_close(struct admin *admin)
{
    if (!admin)
        return;
    if (admin->daemon) {
        MHD_quiesce_daemon(admin->daemon);
        MHD_stop_daemon(admin->daemon);
    }
    if (admin->listen_fd >= 0) {
        close(admin->listen_fd);
        listener_remove(&admin->server->admin_listener);
    }
    free(admin);
}

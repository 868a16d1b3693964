/* The loop. A turn:
 *
 *   1. wait for events; database sockets read their results, which answers exchanges that waited,
 *   2. libmicrohttpd: answers go out, requests come in (and wait in the engine),
 *   3. engine_turn(): all that came in goes to the database as one batch; what it could answer at once goes
 * out in another round of 2. and 3., so that nobody waits for the next event,
 *   4. deadlines, log.
 *
 * Two things to mind (PITFALLS.md 1a): libmicrohttpd does not know when an answer has come, so `has_answers`
 * is ours; and what it left half done must be taken up without an event, for its descriptors are
 * edge-triggered. */
#include "loop.h"

#include "admin.h"
#include "connection.h"

#include "base/log.h"

#include <microhttpd.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTS_MAX      64
#define ROUNDS_MAX      4  /* of 2. and 3. in one turn */
#define RUNS_MAX        8  /* of libmicrohttpd in one round */
#define BACKLOG_RUNS    64 /* to accept what waits when a server stops */
#define LONGEST_WAIT_MS 1000

/* --- sources ------------------------------------------------------------------------------------- */

static void daemon_ready(struct poll_source *source, uint32_t events)
{
    (void)events;
    CONTAINER_OF(source, struct loop, daemon_source)->has_input = true;
}

static void wake_ready(struct poll_source *source, uint32_t events)
{
    (void)events;
    eventfd_t wakes;
    eventfd_read(CONTAINER_OF(source, struct loop, wake_source)->wake_fd, &wakes);
}

static void wait_for_events(struct loop *loop, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int n = epoll_wait(loop->epoll_fd, events, EVENTS_MAX, timeout_ms);
    loop->now_ms = clock_mono_ms();
    for (int i = 0; i < n; i++) {
        struct poll_source *source = events[i].data.ptr;
        source->ready(source, events[i].events);
    }
}

/* --- a turn -------------------------------------------------------------------------------------- */

/* While connections wait for their answer libmicrohttpd always says that something is left to do; then it is
 * run again only after a run that did something. */
static bool is_unfinished(struct loop *loop)
{
    if (loop->waiting > 0)
        return loop->has_progress;
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    return MHD_get_timeout(loop->daemon, &timeout_ms) == MHD_YES && timeout_ms == 0;
}

static void serve_connections(struct loop *loop)
{
    if (!loop->has_input && !loop->has_answers)
        return;
    loop->has_input = loop->has_answers = false;
    unsigned runs = 0;
    do {
        loop->has_progress = false;
        MHD_run(loop->daemon);
    } while (++runs < RUNS_MAX && is_unfinished(loop));
    loop->has_input = runs == RUNS_MAX;
}

static void end_expired(struct loop *loop)
{
    struct deadline *deadline;
    while ((deadline = deadlines_take(&loop->deadlines, loop->now_ms)))
        connection_expired(loop, deadline);
}

/* Returns how long the next turn may wait. */
static int run_turn(struct loop *loop, int timeout_ms)
{
    wait_for_events(loop, timeout_ms);

    int64_t next_ms;
    unsigned rounds = 0;
    do {
        serve_connections(loop);
        next_ms = engine_turn(loop->engine, loop->now_ms);
    } while (loop->has_answers && ++rounds < ROUNDS_MAX);

    connections_end_orphans(loop);
    end_expired(loop);
    if (loop->admin)
        admin_turn(loop->admin, loop->now_ms);
    atomic_store_explicit(&loop->is_database_up, engine_is_ready(loop->engine), memory_order_relaxed);
    log_flush();

    if (loop->has_input || loop->has_answers)
        return 0;
    int64_t deadline_ms = deadlines_next(&loop->deadlines);
    int64_t wait_ms = (deadline_ms < next_ms ? deadline_ms : next_ms) - clock_mono_ms();
    return wait_ms < 0 ? 0 : wait_ms > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (int)wait_ms;
}

/* --- the end ------------------------------------------------------------------------------------- */

/* Whoever is in the backlog was told by the kernel that we listen: they are let in before the door closes. */
static void accept_backlog(struct loop *loop)
{
    unsigned before, runs = 0;
    do {
        before = loop->connections;
        MHD_run(loop->daemon);
    } while (loop->connections > before && ++runs < BACKLOG_RUNS);
}

static void begin_drain(struct loop *loop)
{
    loop->is_draining = true;
    loop->drain_until_ms = loop->now_ms + loop->settings->drain_timeout_ms;
    accept_backlog(loop);
    MHD_quiesce_daemon(loop->daemon);
    close(loop->listen_fd);
    loop->listen_fd = -1;
    connections_end_reading(loop);
    loop->has_input = true;
    serve_connections(loop);
}

/* Past its time a drain waits no longer for clients, but still for the database, whose own deadlines are
 * short: an engine must not be freed while exchanges wait. */
static bool is_drained(const struct loop *loop)
{
    if (!loop->is_draining || (loop->admin && atomic_load(&loop->server->others_at_work) > 0))
        return false;
    return loop->exchanges == 0 || (loop->now_ms >= loop->drain_until_ms && loop->waiting == 0);
}

static void *run_loop(void *context)
{
    struct loop *loop = context;
    int timeout_ms = 0;
    while (!is_drained(loop)) {
        timeout_ms = run_turn(loop, timeout_ms);
        if (loop->is_draining || !atomic_load(&loop->server->is_draining))
            continue;
        begin_drain(loop);
        timeout_ms = 0;
    }
    if (!loop->admin) {
        atomic_fetch_sub(&loop->server->others_at_work, 1);
        loop_wake(&loop->server->loops[0]);
    }
    return NULL;
}

/* --- life ---------------------------------------------------------------------------------------- */

static bool watch_daemon(struct loop *loop)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    loop->daemon_source.ready = daemon_ready;
    loop->wake_source.ready = wake_ready;
    return info && poll_add(loop->epoll_fd, info->epoll_fd, EPOLLIN, &loop->daemon_source) &&
           poll_add(loop->epoll_fd, loop->wake_fd, EPOLLIN, &loop->wake_source);
}

bool loop_open(struct loop *loop, struct server *server, int listen_fd, bool is_first)
{
    *loop = (struct loop){
        .server = server,
        .settings = server->config.settings,
        .listen_fd = listen_fd,
        .now_ms = clock_mono_ms(),
        .has_input = true, /* libmicrohttpd begins to listen in its first run */
    };
    deadlines_init(&loop->deadlines);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll_fd < 0 || loop->wake_fd < 0)
        return false;
    loop->daemon = connection_daemon(loop);
    if (!loop->daemon || !watch_daemon(loop))
        return false;
    if (is_first && !(loop->admin = admin_open(server, loop->epoll_fd)))
        return false;
    loop->engine = engine_new(server->shared, loop, loop->epoll_fd, is_first);
    return loop->engine;
}

/* Signals are the main thread's. */
bool loop_start(struct loop *loop)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    loop->is_started = pthread_create(&loop->thread, NULL, run_loop, loop) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (loop->is_started && !loop->admin)
        atomic_fetch_add(&loop->server->others_at_work, 1);
    return loop->is_started;
}

void loop_wake(struct loop *loop)
{
    eventfd_write(loop->wake_fd, 1);
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void loop_join(struct loop *loop)
{
    if (loop->is_started)
        pthread_join(loop->thread, NULL);
}

/* The daemon first: it ends the exchanges that are left, which need their engine. */
void loop_close(struct loop *loop)
{
    if (loop->daemon) {
        MHD_quiesce_daemon(loop->daemon);
        MHD_stop_daemon(loop->daemon);
    }
    if (loop->engine)
        engine_free(loop->engine);
    admin_close(loop->admin);
    carrier_pool_done(&loop->carriers);
    close_fd(loop->listen_fd);
    close_fd(loop->wake_fd);
    close_fd(loop->epoll_fd);
}

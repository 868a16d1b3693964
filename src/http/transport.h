/* What the files of the transport share: the server, and its loops.
 *
 * Everything in a loop belongs to its thread, except what is atomic. */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include "http/server.h"

#include "admission.h"
#include "carrier.h"
#include "deadline.h"
#include "exchange.h"
#include "listener.h"

#include "base/poll.h"

#include <pthread.h>
#include <stdatomic.h>

struct admin;
struct MHD_Daemon;

struct transport_counts {
    atomic_ulong connections_refused, guard_refused, deadline_closed[PHASE_COUNT];
};

struct server {
    struct server_config config;
    struct shared *shared;
    struct admission *admission;
    unsigned connections; /* the setting, or what the system allows of it */
    struct listener listener, admin_listener;
    struct loop *loops;
    unsigned loop_count;
    struct transport_counts counts;
    atomic_bool is_draining;
    atomic_uint others_at_work; /* threads of loops but the first, which is the last to go: it has the admin
                                   listener */
};

struct loop {
    struct server *server;
    const struct settings *settings;
    pthread_t thread;
    bool is_started;

    int epoll_fd, wake_fd, listen_fd;
    struct poll_source daemon_source, wake_source;
    struct MHD_Daemon *daemon;
    struct engine *engine;
    struct admin *admin; /* the first loop's, NULL in others */

    int64_t now_ms;    /* of this turn */
    bool has_input;    /* libmicrohttpd's descriptors are ready */
    bool has_answers;  /* exchanges that waited can be answered */
    bool has_progress; /* libmicrohttpd may have stopped half-way in its last run */
    struct deadlines deadlines;
    struct carrier_pool carriers;
    struct carrier *orphans; /* answered, but nobody is there to read it */
    unsigned connections;
    unsigned exchanges; /* between their head and the last byte of their answer */
    unsigned waiting;   /* of these: for the database */

    bool is_draining;
    int64_t drain_until_ms;
    atomic_bool is_database_up;
};

static inline void count(atomic_ulong *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

#endif

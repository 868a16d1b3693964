/* The life of a lane's connection: connecting without waiting, giving up in time, trying again with back-off,
 * replacing a connection that has become stale.
 *
 * It knows nothing of jobs: when a connection breaks, the lane's policy says what becomes of them. */
#include "connection.h"
#include "lane.h"

#include "base/log.h"

#include <sys/epoll.h>

#define BACKOFF_LEAST_MS 50
#define BACKOFF_MOST_MS  2000
#define DOWN_GRACE_MS    1000 /* jobs wait that long for a connection to come back */

static const char *lane_name(const struct lane *lane)
{
    static const char *const names[] = {"read", "write", "slow"};
    return names[lane->kind];
}

static void link_unwatch(struct lane *lane)
{
    if (lane->fd >= 0)
        poll_remove(lane->db->epoll_fd, lane->fd);
    lane->fd = -1;
}

static bool link_watch(struct lane *lane, uint32_t events)
{
    int fd = PQsocket(lane->conn);
    bool is_registered = fd >= 0 && fd == lane->fd;
    if (is_registered && events == lane->events)
        return true;
    if (fd < 0 || !(is_registered ? poll_change : poll_add)(lane->db->epoll_fd, fd, events, &lane->source))
        return false;
    lane->fd = fd;
    lane->events = events;
    return true;
}

void link_close(struct lane *lane)
{
    link_unwatch(lane);
    PQfinish(lane->conn);
    lane->conn = NULL;
    lane->link = LINK_BROKEN;
    lane->is_flushing = false;
}

/* The answers that the old connection owed will not come. */
static void link_forget_stream(struct lane *lane)
{
    lane->current = NULL;
    lane->sync_due = lane->saw_null = lane->segment_failed = false;
    PQclear(lane->commit_error);
    lane->commit_error = NULL;
}

void link_break(struct lane *lane, const char *why)
{
    int64_t now_ms = clock_mono_ms();
    bool was_ready = lane->link == LINK_READY;

    log_warn(
        was_ready ? "db.connection_lost" : "db.connect_failed", log_text("lane", lane_name(lane)),
        log_text("reason", why),
        log_slice("detail", lane->link == LINK_CONNECTING ? connection_error(lane->conn) : slice_of("")));
    if (was_ready)
        lane->down_since_ms = now_ms;
    lane->retry_at_ms = now_ms + lane->backoff_ms;
    lane->backoff_ms = lane->backoff_ms * 2 < BACKOFF_MOST_MS ? lane->backoff_ms * 2 : BACKOFF_MOST_MS;
    link_close(lane);
    lane->policy->lost(lane, now_ms);
    link_forget_stream(lane);
}

int64_t link_gives_up_at(const struct lane *lane)
{
    return lane->down_since_ms + DOWN_GRACE_MS;
}

bool link_is_down(const struct lane *lane, int64_t now_ms)
{
    return lane->link != LINK_READY && now_ms >= link_gives_up_at(lane);
}

void link_flush(struct lane *lane)
{
    int left = PQflush(lane->conn);
    lane->is_flushing = left > 0;
    if (left < 0 || !link_watch(lane, lane->is_flushing ? EPOLLIN | EPOLLOUT : EPOLLIN))
        link_break(lane, "flush");
}

void link_now_ready(struct lane *lane)
{
    struct db *db = lane->db;

    lane->link = LINK_READY;
    lane->backoff_ms = BACKOFF_LEAST_MS;
    if (lane->has_been_ready)
        db->stats.reconnects++;
    lane->has_been_ready = true;
    for (size_t i = 0; i < db->config.statement_count; i++)
        if (db->config.statements[i].lane == lane->kind) {
            plan_free(db->plans[i]);
            db->plans[i] = NULL;
        }
    log_info("db.connected", log_text("lane", lane_name(lane)));
}

static void link_set_up(struct lane *lane)
{
    lane->link = LINK_SETTING_UP;
    lane->link_deadline_ms = clock_mono_ms() + CONNECTION_TIMEOUT_MS;
    lane->renew_at_ms = INT64_MAX;
    if (!setup_send(lane))
        link_break(lane, "set-up");
    else
        link_flush(lane);
}

static void link_connect_step(struct lane *lane)
{
    /* libpq may close the socket and open another one under the same number. */
    link_unwatch(lane);
    switch (PQconnectPoll(lane->conn)) {
    case PGRES_POLLING_OK:
        link_set_up(lane);
        return;
    case PGRES_POLLING_READING:
        if (!link_watch(lane, EPOLLIN))
            link_break(lane, "epoll");
        return;
    case PGRES_POLLING_WRITING:
        if (!link_watch(lane, EPOLLOUT))
            link_break(lane, "epoll");
        return;
    default:
        link_break(lane, "refused");
    }
}

static void link_connect(struct lane *lane, int64_t now_ms)
{
    lane->conn = connection_start(lane->db->conninfo);
    lane->link = LINK_CONNECTING;
    lane->link_deadline_ms = now_ms + CONNECTION_TIMEOUT_MS;
    if (PQstatus(lane->conn) == CONNECTION_BAD || PQsetnonblocking(lane->conn, 1) != 0 ||
        !link_watch(lane, EPOLLOUT))
        link_break(lane, "refused");
}

/* A stale connection is replaced when nothing is under way on it; until then nothing new is sent. */
static void link_renew(struct lane *lane, int64_t now_ms)
{
    if (now_ms < lane->renew_at_ms || lane->sent.head || lane->sync_due)
        return;
    log_info("db.connection_renewed", log_text("lane", lane_name(lane)));
    link_close(lane);
    lane->down_since_ms = now_ms;
    link_connect(lane, now_ms);
}

void link_turn(struct lane *lane, int64_t now_ms)
{
    if (lane->link == LINK_READY)
        link_renew(lane, now_ms);
    else if (lane->link == LINK_BROKEN && now_ms >= lane->retry_at_ms)
        link_connect(lane, now_ms);
    else if (lane->link != LINK_BROKEN && now_ms >= lane->link_deadline_ms)
        link_break(lane, "deadline");
}

static void link_ready(struct poll_source *source, uint32_t events)
{
    struct lane *lane = CONTAINER_OF(source, struct lane, source);

    if (lane->link == LINK_CONNECTING) {
        link_connect_step(lane);
        return;
    }
    if (lane->link == LINK_SETTING_UP && !setup_receive(lane))
        link_break(lane, "set-up");
    else if (lane->link == LINK_READY && !lane_receive(lane))
        link_break(lane, "server");
    if (lane->conn && lane->is_flushing && (events & EPOLLOUT))
        link_flush(lane);
}

void link_open(struct lane *lane, struct db *db, enum db_lane kind, int64_t now_ms)
{
    *lane = (struct lane){
        .source.ready = link_ready,
        .db = db,
        .kind = kind,
        .policy = kind == LANE_WRITE ? &write_policy : &read_policy,
        .fd = -1,
        .down_since_ms = now_ms,
        .retry_at_ms = now_ms,
        .backoff_ms = BACKOFF_LEAST_MS,
        .renew_at_ms = INT64_MAX,
    };
}

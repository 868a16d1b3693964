/* The loop's database: three lanes behind one door. Here jobs come in, deadlines are kept, and each turn
 * every lane gets its chance to send.
 *
 * The mechanism is told in lane.h; who calls whom: db_turn() sends and expires, the poll sources receive. */
#include "lane.h"
#include "memory.h"

#define SLEEP_MAX_MS 60000

struct db *db_open(const struct db_config *config, int epoll_fd)
{
    struct db *db = memory_new(sizeof *db);
    int64_t now_ms = clock_mono_ms();

    db->config = *config;
    db->conninfo = memory_copy_string(config->conninfo ? config->conninfo : "");
    db->epoll_fd = epoll_fd;
    db->prepared = memory_new_array(config->statement_count, sizeof *db->prepared);
    db->plans = memory_new_array(config->statement_count, sizeof(struct plan *));
    encoder_init(&db->encoder);
    for (unsigned i = 0; i < LANE_COUNT; i++) {
        link_open(&db->lanes[i], db, (enum db_lane)i, now_ms);
        link_turn(&db->lanes[i], now_ms);
    }
    return db;
}

static void lane_close(struct lane *lane, int64_t now_ms)
{
    link_close(lane);
    lane->policy->lost(lane, now_ms);
    PQclear(lane->commit_error);
    lane_finish_all(lane, &lane->waiting, DB_UNAVAILABLE);
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db->is_closing = true;
    for (unsigned i = 0; i < LANE_COUNT; i++)
        lane_close(&db->lanes[i], clock_mono_ms());
    for (size_t i = 0; i < db->config.statement_count; i++)
        plan_free(db->plans[i]);
    encoder_done(&db->encoder);
    free(db->plans);
    free(db->prepared);
    free(db->conninfo);
    free(db);
}

void db_submit(struct db *db, struct db_job *job)
{
    enum db_lane kind = db->config.statements[job->statement].lane;
    struct lane *lane = &db->lanes[kind];
    int64_t now_ms = clock_mono_ms();

    job->state = 0;
    job->result = NULL;
    job->deadline_ms = now_ms + db->config.timeout_ms[kind];
    db->waiting++;
    db->stats.jobs[kind]++;
    if (db->is_closing || link_is_down(lane, now_ms))
        lane_finish(lane, job, DB_UNAVAILABLE);
    else if (lane->waiting.count >= db->config.queue_max)
        lane_finish(lane, job, DB_OVERLOADED);
    else
        queue_push(&lane->waiting, job);
}

/* Deadlines of a lane follow each other as its jobs do, so the heads are enough to look at. (A read that was
 * aborted goes out again behind younger ones: it may be late by one round trip.) */
static void lane_expire(struct lane *lane, int64_t now_ms)
{
    struct job_queue late = {0};

    if (link_is_down(lane, now_ms))
        lane_finish_all(lane, &lane->waiting, DB_UNAVAILABLE);
    while (lane->waiting.head && lane->waiting.head->deadline_ms <= now_ms)
        queue_push(&late, queue_pop(&lane->waiting));
    lane_finish_all(lane, &late, lane->link == LINK_READY ? DB_TIMEOUT : DB_UNAVAILABLE);
    if (lane->sent.head && lane->sent.head->deadline_ms <= now_ms)
        link_break(lane, "deadline");
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t link_wake(const struct lane *lane)
{
    switch (lane->link) {
    case LINK_READY:
        /* A stale link is renewed when the last answer has come, and that wakes the loop by itself. */
        return lane->sent.head || lane->sync_due ? INT64_MAX : lane->renew_at_ms;
    case LINK_BROKEN:
        return lane->retry_at_ms;
    default:
        return lane->link_deadline_ms;
    }
}

static int64_t lane_wake(const struct lane *lane, int64_t now_ms)
{
    int64_t wake = earlier(now_ms + SLEEP_MAX_MS, link_wake(lane));

    if (lane->link == LINK_READY && now_ms < lane->renew_at_ms && lane->policy->can_send(lane))
        return now_ms; /* submitted from a done() of this turn */
    if (lane->waiting.head)
        wake = earlier(wake, lane->waiting.head->deadline_ms);
    if (lane->waiting.head && lane->link != LINK_READY)
        wake = earlier(wake, link_gives_up_at(lane));
    if (lane->sent.head)
        wake = earlier(wake, lane->sent.head->deadline_ms);
    return wake;
}

int64_t db_turn(struct db *db, int64_t now_mono_ms)
{
    int64_t wake = INT64_MAX;

    for (unsigned i = 0; i < LANE_COUNT; i++) {
        struct lane *lane = &db->lanes[i];
        link_turn(lane, now_mono_ms);
        lane_expire(lane, now_mono_ms);
        if (lane->link == LINK_READY && now_mono_ms < lane->renew_at_ms)
            lane->policy->send(lane);
    }
    for (unsigned i = 0; i < LANE_COUNT; i++)
        wake = earlier(wake, lane_wake(&db->lanes[i], now_mono_ms));
    return wake;
}

bool db_is_ready(const struct db *db)
{
    for (unsigned i = 0; i < LANE_COUNT; i++)
        if (db->lanes[i].link != LINK_READY)
            return false;
    return true;
}

unsigned db_waiting(const struct db *db)
{
    return db->waiting;
}

struct db_stats db_stats(const struct db *db)
{
    return db->stats;
}

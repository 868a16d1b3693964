/* A loop around one struct db, and jobs that remember how they ended. */
#ifndef TEST_LOOP_H
#define TEST_LOOP_H

#include "base/log.h"
#include "base/poll.h"
#include "cluster.h"
#include "db/db.h"

#include <sys/epoll.h>
#include <sys/mman.h>

struct trial {
    struct db_job job;
    bool is_done;
    enum db_outcome outcome;
    int64_t took_ms, started_ms;
    unsigned order; /* of its end among all */
    char text[256]; /* first row as JSON */
};

static int loop_fd = -1, log_fd = -1;
static unsigned trials_done;

static inline void trial_done(struct db_job *job, enum db_outcome outcome, const struct rows *rows)
{
    struct trial *trial = CONTAINER_OF(job, struct trial, job);
    assert_false(trial->is_done);
    trial->is_done = true;
    trial->outcome = outcome;
    trial->took_ms = clock_mono_ms() - trial->started_ms;
    trial->order = trials_done++;
    assert_true((outcome == DB_OK) == (rows != NULL));
    if (rows && rows_count(rows) > 0) {
        struct buffer out;
        buffer_init(&out, sizeof trial->text - 1);
        rows_write_object(rows, 0, &out);
        memcpy(trial->text, out.data, out.len + 1);
        buffer_done(&out);
    }
}

#define submit(db, trial, id, ...)                                                                           \
    submit_params(db, trial, id, (const struct param[]){as_null(), ##__VA_ARGS__},                           \
                  sizeof((const struct param[]){as_null(), ##__VA_ARGS__}) / sizeof(struct param) - 1)

static inline void submit_params(struct db *db, struct trial *trial, unsigned id, const struct param *params,
                                 size_t count)
{
    *trial = (struct trial){.started_ms = clock_mono_ms()};
    trial->job.statement = id;
    trial->job.done = trial_done;
    trial->job.param_count = (unsigned)count;
    for (size_t i = 0; i < count; i++)
        trial->job.params[i] = params[i + 1];
    db_submit(db, &trial->job);
}

/* One turn, waiting at most `most_ms` for something to happen. */
static inline void loop_turn(struct db *db, int64_t most_ms)
{
    struct epoll_event events[16];
    int64_t now_ms = clock_mono_ms();
    int64_t wait_ms = db_turn(db, now_ms) - now_ms;
    if (wait_ms > most_ms)
        wait_ms = most_ms;
    int count = epoll_wait(loop_fd, events, 16, wait_ms > 0 ? (int)wait_ms : 0);
    for (int i = 0; i < count; i++) {
        struct poll_source *source = events[i].data.ptr;
        source->ready(source, events[i].events);
    }
}

/* Turns until nothing waits; fails the test after `most_ms`. */
static inline void loop_drain(struct db *db, int64_t most_ms)
{
    int64_t end_ms = clock_mono_ms() + most_ms;
    while (db_waiting(db) > 0) {
        assert_true(clock_mono_ms() < end_ms);
        loop_turn(db, 20);
    }
}

static inline void loop_for(struct db *db, int64_t ms)
{
    int64_t end_ms = clock_mono_ms() + ms;
    while (clock_mono_ms() < end_ms)
        loop_turn(db, 20);
}

static inline void loop_until_ready(struct db *db)
{
    int64_t end_ms = clock_mono_ms() + 10000;
    while (!db_is_ready(db)) {
        assert_true(clock_mono_ms() < end_ms);
        loop_turn(db, 20);
    }
}

/* Has an event been logged since the loop was opened? */
static inline bool was_logged(const char *event)
{
    static char lines[1 << 18];
    log_flush();
    ssize_t len = pread(log_fd, lines, sizeof lines - 1, 0);
    lines[len > 0 ? len : 0] = '\0';
    return strstr(lines, event) != NULL;
}

static inline struct db *loop_open(const struct db_config *config)
{
    if (loop_fd < 0) {
        loop_fd = epoll_create1(EPOLL_CLOEXEC);
        log_fd = memfd_create("log", MFD_CLOEXEC);
        log_start(LOG_DEBUG_LEVEL, log_fd);
    }
    struct db *db = db_open(config, loop_fd);
    loop_until_ready(db);
    return db;
}

#endif

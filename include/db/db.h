/* A loop's work on PostgreSQL: three lanes, pipelined, no thread ever waits.
 *
 * Reads of one loop turn go out as one pipeline with one Sync; a failed one aborts those behind it, which are
 * sent again, each alone. Writes that wait together share a Sync, hence one commit: nobody is answered before
 * that commit; if one fails, the batch is rolled back and its members run again alone. Every job has a
 * deadline kept here (a frozen PostgreSQL keeps its TCP alive): on expiry the connection is closed. A lost
 * connection is made again with back-off; meanwhile jobs fail at once with DB_UNAVAILABLE.
 *
 * A struct db belongs to one thread. */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/macros.h"
#include "base/param.h"
#include "db/rows.h"
#include "db/statement.h"

enum db_outcome {
    DB_OK = 0,
    DB_UNAVAILABLE, /* no connection: nothing was done */
    DB_OVERLOADED,  /* the queue is full: nothing was done */
    DB_TIMEOUT,     /* not answered in time, nothing was done (or it was a read) */
    DB_LOCKED,      /* lock_timeout, a deadlock or a serialisation failure: nothing was done */
    DB_UNKNOWN,     /* a write whose commit was sent and never answered */
    DB_FULL,        /* out of disk or memory (class 53): nothing was done */
    DB_REFUSED,     /* data or constraint error (classes 22, 23): nothing was done; a bug of ours */
    DB_FAILED,      /* any other error: nothing was done */
};
const char *db_outcome_name(enum db_outcome outcome);

struct db_config {
    const char *conninfo;
    const struct statement *statements; /* the table; a job names an index of it */
    size_t statement_count;
    unsigned queue_max, batch_max;
    int64_t timeout_ms[LANE_COUNT];
    int64_t lock_timeout_ms;
    const char *const *listen; /* channels to LISTEN on (read lane), NULL-ended, or NULL */
    void (*notified)(void *context, const char *channel, const char *payload);
    void *context;
};

struct db;

struct db_job {
    unsigned statement;
    unsigned param_count;
    struct param params[STATEMENT_PARAMS_MAX];
    /* Called once, from db_turn() or db_submit(). `rows` is NULL unless DB_OK, and valid only during the
     * call. The job may be reused or freed inside. */
    void (*done)(struct db_job *job, enum db_outcome outcome, const struct rows *rows);

    /* private to db/ */
    struct db_job *next;
    int64_t deadline_ms;
    unsigned state;
    unsigned members; /* it and those behind it that its execution serves */
    void *result;
};

/* Connects in the background. `epoll_fd` is the loop's; sockets are registered there (base/poll.h). */
struct db *db_open(const struct db_config *config, int epoll_fd);
/* Fails what is under way (writes whose commit was sent with DB_UNKNOWN), closes. */
void db_close(struct db *db);

/* Queues a job for the lane of its statement, with the lane's timeout from now. */
void db_submit(struct db *db, struct db_job *job);
/* Once a turn, after the sources were polled and new jobs submitted: sends what waits, minds deadlines and
 * reconnections. Returns the monotonic ms when it wants to be called again at the latest. */
int64_t db_turn(struct db *db, int64_t now_mono_ms);

bool db_is_ready(const struct db *db);    /* all lanes connected and prepared */
unsigned db_waiting(const struct db *db); /* jobs submitted and not done */

struct db_stats {
    uint64_t jobs[LANE_COUNT], batches[LANE_COUNT], failures[LANE_COUNT], reconnects;
    uint64_t batch_size_buckets[8]; /* write batches of <= 1, 2, 4, 8, 16, 32, 64, more */
};
struct db_stats db_stats(const struct db *db);

#endif

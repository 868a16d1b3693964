/* One lane: a connection, the jobs that wait for it and those under way on it.
 *
 * The connection's life is in link.c (BROKEN -> CONNECTING -> SETTING_UP -> READY -> BROKEN), the set-up in
 * setup.c. What goes over a READY connection is in lane.c: a stream of segments, each some jobs and then a
 * Sync; the answers come back in the same order: for each job its result (or for several jobs one, many.c),
 * and a mark for each Sync. How jobs are cut into segments and what an error among them means is the lane's
 * policy: reads.c and writes.c. */
#ifndef DB_LANE_H
#define DB_LANE_H

#include "base/poll.h"
#include "encode.h"
#include "plan.h"
#include "queue.h"

#include <libpq-fe.h>

enum link_state { LINK_BROKEN, LINK_CONNECTING, LINK_SETTING_UP, LINK_READY };

/* db_job.state */
enum job_flag {
    JOB_ENDS_SEGMENT = 1, /* a Sync was sent behind it */
    JOB_ALONE = 2,        /* to be sent in a segment of its own, because others made it fail */
    JOB_RETRIED = 4,      /* was lost with a connection once: not a second time */
};

struct lane;

struct lane_policy {
    /* Sends what may be sent now. */
    void (*send)(struct lane *lane);
    /* The result of the job is complete (job->result). */
    void (*job_answered)(struct lane *lane, struct db_job *job);
    /* The Sync of the oldest segment is answered. */
    void (*segment_answered)(struct lane *lane);
    /* The connection is gone; `sent` and what it knew are what the lane was waiting for. */
    void (*lost)(struct lane *lane, int64_t now_ms);
    bool (*can_send)(const struct lane *lane);
};

struct lane {
    struct poll_source source;
    struct db *db;
    enum db_lane kind;
    const struct lane_policy *policy;

    /* the link */
    PGconn *conn;
    enum link_state link;
    int fd;           /* as registered; -1: not */
    uint32_t events;  /* as registered */
    bool is_flushing; /* libpq holds bytes that the socket did not take */
    int64_t down_since_ms, retry_at_ms, backoff_ms, link_deadline_ms;
    int64_t renew_at_ms; /* to be replaced by a new connection then; INT64_MAX: no */
    bool has_been_ready;
    unsigned setup_steps, setup_answered; /* of setup.c: Syncs sent and seen */
    unsigned setup_statement;             /* the one whose answer comes next */

    /* the jobs */
    struct job_queue waiting, sent;
    struct job_queue again; /* to be sent once more, when their segments are answered */
    struct db_job *current; /* of `sent`: whose answer comes next; NULL: none */
    bool sync_due;          /* the answer that comes next is that of a Sync */
    bool saw_null;          /* libpq ended a list of results; two in a row: it has nothing more */
    bool segment_failed;    /* the segment now being answered is rolled back */
    PGresult *commit_error; /* the error came with the Sync, after all results */
};

struct db {
    struct db_config config;
    char *conninfo;
    int epoll_fd;
    bool is_closing;
    unsigned waiting;
    struct encoder encoder;
    enum db_outcome *prepared; /* by statement: DB_OK, or what its jobs are answered */
    struct plan **plans;       /* by statement, from its first rows; renewed with the connection */
    struct lane lanes[LANE_COUNT];
    struct db_stats stats;
};

extern const struct lane_policy read_policy, write_policy; /* reads.c (also the slow lane), writes.c */

/* --- lane.c: jobs over a READY connection ------------------------------------------------------- */

/* Puts the job on the wire, behind the others of the open segment. Fails the job where it cannot be encoded
 * or its statement is not prepared. False: the connection broke, the job waits again. */
MUST_USE bool lane_send_job(struct lane *lane, struct db_job *job);
/* The same for all of `members`, as one execution with what the encoder holds; the queue is left empty. */
MUST_USE bool lane_send_encoded(struct lane *lane, struct job_queue *members);
/* Ends the open segment, if there is one. False: the connection broke. */
bool lane_send_sync(struct lane *lane);
/* Takes in all that has come. False: the connection is gone (and not yet given up). */
MUST_USE bool lane_receive(struct lane *lane);
/* Answers the job with its result. */
void lane_finish(struct lane *lane, struct db_job *job, enum db_outcome outcome);
/* Answers the job; `rows` are shown only if all went well. */
void lane_answer(struct lane *lane, struct db_job *job, enum db_outcome outcome, const struct rows *rows);
/* Forgets the result: the job will run again. */
void lane_forget_result(struct db_job *job);
void lane_finish_all(struct lane *lane, struct job_queue *jobs, enum db_outcome outcome);
const struct statement *lane_statement(const struct lane *lane, const struct db_job *job);

/* --- many.c: one execution for many members (statement.h) --------------------------------------- */

/* Takes the job that has waited longest and, if its statement serves many, up to `most` in all of its like.
 */
struct job_queue many_gather(struct lane *lane, unsigned most);
/* Sends what was gathered. False: the connection broke, they wait again. */
MUST_USE bool many_send(struct lane *lane, struct job_queue *members);
/* Answers the members of a committed execution, the first and those that the queue begins with. */
void many_finish(struct lane *lane, struct db_job *first, struct job_queue *others);

/* --- link.c: the connection's life ---------------------------------------------------------------- */

void link_open(struct lane *lane, struct db *db, enum db_lane kind, int64_t now_ms);
/* Closes without a word to the jobs. */
void link_close(struct lane *lane);
/* Closes, tells the policy, and plans the next attempt. */
void link_break(struct lane *lane, const char *why);
/* Deadlines and attempts of the connection. */
void link_turn(struct lane *lane, int64_t now_ms);
/* Sends what libpq holds, and minds the socket for the rest. May break the link. */
void link_flush(struct lane *lane);
/* When a lane without a connection stops letting jobs wait for it, and whether that is past. */
int64_t link_gives_up_at(const struct lane *lane);
bool link_is_down(const struct lane *lane, int64_t now_ms);
void link_now_ready(struct lane *lane);

/* --- setup.c: settings, LISTEN, prepared statements ---------------------------------------------- */

/* False: the connection broke (and is not yet given up). */
MUST_USE bool setup_send(struct lane *lane);
MUST_USE bool setup_receive(struct lane *lane);

#endif

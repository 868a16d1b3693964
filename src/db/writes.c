/* Writes: group commit. While one commit is under way the next batch gathers; it goes out as one segment,
 * which PostgreSQL treats as one transaction: one commit, one fsync, and nobody is answered before it. When
 * that is done the next batch is sent first and the answers follow.
 *
 * If a member fails, or the commit itself, nothing of the batch is kept: its members run again, each in a
 * segment of its own, so that one bad row costs only its own sender. A connection that is lost before the
 * Sync was answered leaves the members' fate unknown, unless the server had already said that the batch
 * failed. */
#include "lane.h"
#include "sqlstate.h"

#include "base/log.h"

static bool writes_can_send(const struct lane *lane)
{
    return lane->waiting.head && !lane->sent.head && !lane->sync_due;
}

static bool is_next_alone(const struct lane *lane)
{
    return lane->waiting.head && lane->waiting.head->state & JOB_ALONE;
}

static void count_batch(struct db_stats *stats, unsigned size)
{
    unsigned bucket = 0;
    while (bucket + 1 < ARRAY_LEN(stats->batch_size_buckets) && size > 1u << bucket)
        bucket++;
    stats->batch_size_buckets[bucket]++;
}

/* One at a time: whoever stands behind one that waits for a lock is not yet under way, and may still be
 * refused. */
static void send_alone(struct lane *lane)
{
    if (lane_send_job(lane, queue_pop(&lane->waiting)))
        lane_send_sync(lane);
}

static void send_batch(struct lane *lane)
{
    unsigned room = lane->db->config.batch_max;
    while (room > 0 && lane->waiting.head && !is_next_alone(lane)) {
        struct job_queue members = many_gather(lane, room);
        room -= members.count;
        if (!many_send(lane, &members))
            return;
    }
    if (lane->sent.count > 0)
        count_batch(&lane->db->stats, lane->sent.count);
    lane_send_sync(lane);
}

static void writes_send(struct lane *lane)
{
    if (!writes_can_send(lane))
        return;
    if (is_next_alone(lane))
        send_alone(lane);
    else
        send_batch(lane);
}

static void writes_job_answered(struct lane *lane UNUSED, struct db_job *job UNUSED)
{
    /* The result is kept: only the Sync tells whether it is true. */
}

/* The oldest segment, or what was sent without a Sync yet. */
static struct job_queue take_segment(struct job_queue *sent, bool *ret_is_ended)
{
    struct job_queue segment = {0};
    *ret_is_ended = false;
    while (sent->head && !*ret_is_ended) {
        struct db_job *job = queue_pop(sent);
        *ret_is_ended = job->state & JOB_ENDS_SEGMENT;
        queue_push(&segment, job);
    }
    return segment;
}

/* Whose error it was that rolled the segment back; NULL: the commit's own. */
static struct db_job *find_culprit(const struct job_queue *segment)
{
    for (struct db_job *job = segment->head; job; job = job->next)
        if (job->result && PQresultStatus(job->result) == PGRES_FATAL_ERROR)
            return job;
    return NULL;
}

static bool wants_new_connection(const PGresult *error)
{
    return result_is_stale(error) || result_is_read_only(error);
}

/* Takes out of the queue what is of that statement. */
static struct job_queue take_alike(struct job_queue *jobs, unsigned statement)
{
    struct job_queue all = queue_take(jobs), alike = {0};
    for (struct db_job *job = queue_pop(&all); job; job = queue_pop(&all))
        queue_push(job->statement == statement ? &alike : jobs, job);
    return alike;
}

/* The statement has waited for a lock as long as it may, and so would its like, one after the other: then
 * other writes would wait for all of them. Those that have waited along are refused together. */
static void give_up_locked(struct lane *lane, unsigned statement)
{
    struct job_queue alike = take_alike(&lane->waiting, statement);
    lane_finish_all(lane, &alike, DB_LOCKED);
}

/* One write, alone in its segment, has failed: here is nobody else to blame. */
static void conclude_alone(struct lane *lane, struct job_queue *segment)
{
    struct db_job *job = segment->head;

    if (lane->commit_error) {
        PQclear(job->result);
        job->result = lane->commit_error;
        lane->commit_error = NULL;
    }
    if (wants_new_connection(job->result) && !(job->state & JOB_RETRIED)) {
        lane_forget_result(job);
        job->state |= JOB_RETRIED | JOB_ALONE;
        lane->renew_at_ms = 0;
        queue_push(&lane->again, job);
        return;
    }
    unsigned statement = job->statement;
    enum db_outcome outcome = result_outcome(job->result);
    lane_finish(lane, job, outcome);
    if (outcome == DB_LOCKED)
        give_up_locked(lane, statement);
}

static void log_rollback(const struct lane *lane, const struct job_queue *segment,
                         const struct db_job *culprit)
{
    const PGresult *error = culprit ? culprit->result : lane->commit_error;
    const char *sqlstate = PQresultErrorField(error, PG_DIAG_SQLSTATE);
    log_info("db.batch_rolled_back", log_int("writes", segment->count),
             log_text("sqlstate", sqlstate ? sqlstate : ""),
             log_text("statement", culprit ? lane_statement(lane, culprit)->name : ""));
}

/* All run again, but for those that wait for a lock which is not to be had: they would only hold up the
 * others. */
static void conclude_rolled_back(struct lane *lane, struct job_queue *segment)
{
    struct db_job *culprit = find_culprit(segment);
    struct job_queue locked = {0};

    log_rollback(lane, segment, culprit);
    if (culprit && wants_new_connection(culprit->result))
        lane->renew_at_ms = 0;
    if (culprit && result_outcome(culprit->result) == DB_LOCKED)
        locked = take_alike(segment, culprit->statement);
    for (struct db_job *job = queue_pop(segment); job; job = queue_pop(segment)) {
        lane_forget_result(job);
        job->state |= JOB_ALONE;
        queue_push(&lane->again, job);
    }
    lane_finish_all(lane, &locked, DB_LOCKED);
}

/* PostgreSQL works on the next batch while the members of the last one are answered: that takes about as
 * long as a batch does. */
static void send_next(struct lane *lane)
{
    int64_t now_ms = clock_mono_ms();
    if (lane->waiting.head && now_ms < lane->waiting.head->deadline_ms && now_ms < lane->renew_at_ms)
        writes_send(lane);
}

static void conclude_committed(struct lane *lane, struct job_queue *segment)
{
    for (struct db_job *job = queue_pop(segment); job; job = queue_pop(segment)) {
        if (lane_statement(lane, job)->is_many)
            many_finish(lane, job, segment);
        else
            lane_finish(lane, job, DB_OK);
    }
}

static void writes_segment_answered(struct lane *lane)
{
    bool is_ended;
    struct job_queue segment = take_segment(&lane->sent, &is_ended);

    if (!lane->segment_failed) {
        send_next(lane);
        conclude_committed(lane, &segment);
    } else if (segment.count == 1) {
        conclude_alone(lane, &segment);
    } else {
        conclude_rolled_back(lane, &segment);
    }
    if (!lane->sent.head)
        queue_prepend(&lane->waiting, &lane->again);
}

/* Runs again what certainly was not done; of the rest nobody knows. */
static void writes_lost(struct lane *lane, int64_t now_ms UNUSED)
{
    struct job_queue sent = queue_take(&lane->sent);
    struct job_queue unknown = {0}, given_up = {0}, again = queue_take(&lane->again);
    bool is_first = true, is_ended;

    while (sent.head) {
        struct job_queue segment = take_segment(&sent, &is_ended);
        bool is_undone = !is_ended || (is_first && lane->segment_failed);
        is_first = false;
        for (struct db_job *job = queue_pop(&segment); job; job = queue_pop(&segment)) {
            bool is_retried = job->state & JOB_RETRIED;
            lane_forget_result(job);
            job->state |= JOB_RETRIED | JOB_ALONE;
            queue_push(!is_undone ? &unknown : is_retried ? &given_up : &again, job);
        }
    }
    queue_prepend(&lane->waiting, &again);
    lane_finish_all(lane, &unknown, DB_UNKNOWN);
    lane_finish_all(lane, &given_up, DB_UNAVAILABLE);
}

const struct lane_policy write_policy = {
    .can_send = writes_can_send,
    .send = writes_send,
    .job_answered = writes_job_answered,
    .segment_answered = writes_segment_answered,
    .lost = writes_lost,
};

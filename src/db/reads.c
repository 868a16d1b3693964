/* Reads: all that one turn brought goes out as one segment, and more segments may follow while answers are
 * still on their way. The slow lane is the same with one job at a time.
 *
 * An error aborts what stands behind it in its segment; those are sent again, each in a segment of its own.
 * Reads change nothing (the session is read-only), so one that was lost with its connection is simply sent
 * once more. */
#include "lane.h"
#include "sqlstate.h"

#define READS_UNDER_WAY_MAX 512

static unsigned under_way_max(const struct lane *lane)
{
    return lane->kind == LANE_SLOW ? 1 : READS_UNDER_WAY_MAX;
}

static bool reads_can_send(const struct lane *lane)
{
    return lane->waiting.head && lane->sent.count < under_way_max(lane);
}

static bool send_one(struct lane *lane, struct db_job *job)
{
    if (!(job->state & JOB_ALONE))
        return lane_send_job(lane, job);
    return lane_send_sync(lane) && lane_send_job(lane, job) && lane_send_sync(lane);
}

static void reads_send(struct lane *lane)
{
    unsigned room = under_way_max(lane);
    unsigned count = lane->waiting.count; /* what done() submits meanwhile is for the next turn */

    for (; count > 0 && lane->sent.count < room; count--)
        if (!send_one(lane, queue_pop(&lane->waiting)))
            return;
    lane_send_sync(lane);
}

static void reads_job_answered(struct lane *lane, struct db_job *job)
{
    queue_pop(&lane->sent); /* answers come in order: it is the head */

    if (PQresultStatus(job->result) == PGRES_PIPELINE_ABORTED) {
        lane_forget_result(job);
        job->state |= JOB_ALONE;
        queue_push(&lane->again, job);
        return;
    }
    if (result_is_stale(job->result) && !(job->state & JOB_RETRIED)) {
        lane_forget_result(job);
        job->state |= JOB_RETRIED;
        queue_push(&lane->again, job);
        lane->renew_at_ms = 0;
        return;
    }
    lane_finish(lane, job, result_is_read_only(job->result) ? DB_FAILED : result_outcome(job->result));
}

static void reads_segment_answered(struct lane *lane)
{
    queue_prepend(&lane->waiting, &lane->again);
}

static void reads_lost(struct lane *lane, int64_t now_ms)
{
    struct job_queue sent = queue_take(&lane->sent);
    struct job_queue late = {0}, given_up = {0}, again = queue_take(&lane->again);

    for (struct db_job *job = queue_pop(&sent); job; job = queue_pop(&sent)) {
        bool is_retried = job->state & JOB_RETRIED;
        lane_forget_result(job);
        job->state |= JOB_RETRIED;
        queue_push(job->deadline_ms <= now_ms ? &late : is_retried ? &given_up : &again, job);
    }
    queue_prepend(&lane->waiting, &again);
    lane_finish_all(lane, &late, DB_TIMEOUT);
    lane_finish_all(lane, &given_up, DB_UNAVAILABLE);
}

const struct lane_policy read_policy = {
    .can_send = reads_can_send,
    .send = reads_send,
    .job_answered = reads_job_answered,
    .segment_answered = reads_segment_answered,
    .lost = reads_lost,
};

/* Jobs over a READY connection: onto the wire in segments, and the stream of answers back to the jobs they
 * belong to.
 *
 * libpq gives, for each execution, its result and then NULL; for each Sync one PGRES_PIPELINE_SYNC without a
 * NULL. An error that comes where a Sync is due is one of the commit: all results were fine and nothing is
 * kept. What follows from it all is the policy's business (reads.c, writes.c). */
#include "lane.h"

#include "rows_of.h"
#include "sqlstate.h"

#include "base/log.h"

const struct statement *lane_statement(const struct lane *lane, const struct db_job *job)
{
    return &lane->db->config.statements[job->statement];
}

void lane_forget_result(struct db_job *job)
{
    PQclear(job->result);
    job->result = NULL;
}

static void log_failure(const struct lane *lane, const struct db_job *job, enum db_outcome outcome)
{
    bool is_bug = outcome == DB_REFUSED || outcome == DB_FAILED;
    if (job->result && result_is_error(job->result))
        result_log(is_bug ? LOG_ERROR_LEVEL : LOG_WARN_LEVEL, "db.statement_failed",
                   lane_statement(lane, job), job->result);
}

void lane_answer(struct lane *lane, struct db_job *job, enum db_outcome outcome, const struct rows *rows)
{
    lane->db->waiting--;
    if (outcome != DB_OK)
        lane->db->stats.failures[lane->kind]++;
    job->done(job, outcome, outcome == DB_OK ? rows : NULL);
}

void lane_finish(struct lane *lane, struct db_job *job, enum db_outcome outcome)
{
    struct db *db = lane->db;
    PGresult *result = job->result;
    struct rows rows = rows_all_of(result, &db->plans[job->statement]);

    if (outcome != DB_OK)
        log_failure(lane, job, outcome);
    job->result = NULL;
    lane_answer(lane, job, outcome, &rows);
    PQclear(result);
}

void lane_finish_all(struct lane *lane, struct job_queue *jobs, enum db_outcome outcome)
{
    struct job_queue all = queue_take(jobs); /* what done() submits is not of them */
    for (struct db_job *job = queue_pop(&all); job; job = queue_pop(&all))
        lane_finish(lane, job, outcome);
}

/* --- sending ------------------------------------------------------------------------------------- */

bool lane_send_encoded(struct lane *lane, struct job_queue *members)
{
    struct db_job *first = members->head;
    const struct statement *statement = lane_statement(lane, first);
    const struct encoder *encoder = &lane->db->encoder;

    first->members = members->count;
    for (struct db_job *job = queue_pop(members); job; job = queue_pop(members)) {
        job->state &= ~JOB_ENDS_SEGMENT;
        queue_push(&lane->sent, job);
    }
    if (!lane->current)
        lane->current = first;
    if (!PQsendQueryPrepared(lane->conn, statement->name, (int)statement->param_count, encoder->values,
                             encoder->lengths, encoder->formats, 1)) {
        link_break(lane, "send");
        return false;
    }
    return true;
}

bool lane_send_job(struct lane *lane, struct db_job *job)
{
    struct db *db = lane->db;
    struct job_queue alone = {0};

    enum db_outcome outcome = db->prepared[job->statement];
    if (outcome == DB_OK)
        outcome = encode(&db->encoder, lane_statement(lane, job), job->params, job->param_count);
    if (outcome != DB_OK) {
        lane_finish(lane, job, outcome);
        return true;
    }
    queue_push(&alone, job);
    return lane_send_encoded(lane, &alone);
}

bool lane_send_sync(struct lane *lane)
{
    struct db_job *last = lane->sent.tail;
    if (!last || last->state & JOB_ENDS_SEGMENT)
        return true;
    if (!PQpipelineSync(lane->conn)) {
        link_break(lane, "send");
        return false;
    }
    last->state |= JOB_ENDS_SEGMENT;
    lane->db->stats.batches[lane->kind]++;
    link_flush(lane);
    return lane->link == LINK_READY;
}

/* --- receiving ------------------------------------------------------------------------------------ */

/* Of those that the job's execution serves. */
static struct db_job *last_member(struct db_job *job)
{
    for (unsigned behind = job->members - 1; behind > 0; behind--)
        job = job->next;
    return job;
}

static bool take_null(struct lane *lane)
{
    struct db_job *job = lane->current;
    bool is_end = lane->saw_null;

    lane->saw_null = true;
    if (is_end)
        return false;
    if (lane->sync_due)
        return true; /* behind an error of the commit */
    if (!job->result)
        return false;
    struct db_job *last = last_member(job);
    lane->sync_due = last->state & JOB_ENDS_SEGMENT;
    lane->current = last->next;
    lane->policy->job_answered(lane, job);
    return true;
}

static bool take_sync(struct lane *lane)
{
    if (!lane->sync_due)
        return false;
    lane->sync_due = false;
    lane->policy->segment_answered(lane);
    lane->segment_failed = false;
    PQclear(lane->commit_error);
    lane->commit_error = NULL;
    return true;
}

/* A FATAL where a job's result was due: the segment cannot have been committed. Where the Sync was due,
 * nobody knows, as when the connection just ends (no SQLSTATE: libpq's own error). */
static bool take_error(struct lane *lane, PGresult *error)
{
    bool is_last = result_ends_session(error);
    bool is_from_server = PQresultErrorField(error, PG_DIAG_SQLSTATE) != NULL;

    if (is_last)
        result_log(LOG_WARN_LEVEL, "db.session_ended", NULL, error);
    if (is_from_server && (!lane->sync_due || !is_last))
        lane->segment_failed = true;
    PGresult **place = lane->sync_due ? &lane->commit_error : (PGresult **)&lane->current->result;
    PQclear(*place);
    *place = error;
    return !is_last;
}

static bool take_result(struct lane *lane, PGresult *result)
{
    if (!result)
        return take_null(lane);
    lane->saw_null = false;
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        return take_sync(lane);
    }
    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        return take_error(lane, result);
    if (lane->sync_due || lane->current->result) {
        PQclear(result); /* two results for one statement: the stream is not what we think it is */
        return false;
    }
    lane->current->result = result;
    return true;
}

static void take_notifications(struct lane *lane)
{
    const struct db_config *config = &lane->db->config;
    for (PGnotify *note = PQnotifies(lane->conn); note; note = PQnotifies(lane->conn)) {
        if (config->notified)
            config->notified(config->context, note->relname, note->extra);
        PQfreemem(note);
    }
}

static bool is_owed_answers(const struct lane *lane)
{
    return lane->current || lane->sync_due;
}

bool lane_receive(struct lane *lane)
{
    bool is_alive, got_some;

    do { /* until the socket is empty; one read may stop in the middle of a page */
        got_some = false;
        is_alive = PQconsumeInput(lane->conn);
        while (is_owed_answers(lane) && !PQisBusy(lane->conn)) {
            got_some = true;
            if (!take_result(lane, PQgetResult(lane->conn)))
                return false;
        }
    } while (is_alive && got_some && is_owed_answers(lane));
    if (is_alive)
        take_notifications(lane);
    return is_alive;
}

/* Statements that serve many rows (statement.h): the members of a batch that run the same one go as one
 * execution, because PostgreSQL spends more on starting one than on inserting a row. Each member is shown its
 * own row of the answer.
 *
 * What becomes of a batch that fails is told in writes.c: its members run again alone, each as the only
 * member of an execution. */
#include "lane.h"
#include "rows_of.h"

#include "base/log.h"

#define MEMBERS_MAX 128

/* The key, $1, is compared with each one's that is already there: the members are few. */
static bool fits(const struct job_queue *members, const struct db_job *job)
{
    const struct db_job *first = members->head;

    if (job->statement != first->statement || job->param_count != first->param_count ||
        job->state & JOB_ALONE || job->params[0].kind != PARAM_UUID)
        return false;
    for (const struct db_job *other = first; other; other = other->next)
        if (memcmp(&other->params[0].uuid, &job->params[0].uuid, sizeof(struct uuid)) == 0)
            return false;
    return true;
}

struct job_queue many_gather(struct lane *lane, unsigned most)
{
    struct job_queue members = {0}, passed_over = {0};

    queue_push(&members, queue_pop(&lane->waiting));
    if (!lane_statement(lane, members.head)->is_many)
        return members;
    if (most > MEMBERS_MAX)
        most = MEMBERS_MAX;
    while (members.count < most && lane->waiting.head) {
        struct db_job *job = queue_pop(&lane->waiting);
        queue_push(fits(&members, job) ? &members : &passed_over, job);
    }
    queue_prepend(&lane->waiting, &passed_over);
    return members;
}

static enum db_outcome encode_members(struct lane *lane, const struct job_queue *members)
{
    const struct db_job *first = members->head;
    const struct param *params[MEMBERS_MAX];
    unsigned count = 0;

    for (const struct db_job *job = first; job; job = job->next)
        params[count++] = job->params;
    return encode_many(&lane->db->encoder, lane_statement(lane, first), params, count, first->param_count);
}

bool many_send(struct lane *lane, struct job_queue *members)
{
    bool is_prepared = lane->db->prepared[members->head->statement] == DB_OK;

    if (members->count > 1 && is_prepared && encode_members(lane, members) == DB_OK)
        return lane_send_encoded(lane, members);
    /* A value of one of them that cannot be encoded costs only that one. */
    while (members->head)
        if (!lane_send_job(lane, queue_pop(members))) {
            queue_prepend(&lane->waiting, members);
            return false;
        }
    return true;
}

/* With another number of rows than of members nobody can say which is whose: a bug of the statement. */
void many_finish(struct lane *lane, struct db_job *first, struct job_queue *others)
{
    PGresult *result = first->result;
    unsigned members = first->members;
    struct rows row = {result, &lane->db->plans[first->statement], 0, 1};
    enum db_outcome outcome = (unsigned)PQntuples(result) == members ? DB_OK : DB_UNKNOWN;

    first->result = NULL;
    if (outcome != DB_OK)
        log_error("db.rows_miscounted", log_text("statement", lane_statement(lane, first)->name),
                  log_int("members", members), log_int("rows", PQntuples(result)));
    for (struct db_job *job = first; row.first < members; row.first++) {
        lane_answer(lane, job, outcome, &row);
        if (row.first + 1 < members)
            job = queue_pop(others);
    }
    PQclear(result);
}

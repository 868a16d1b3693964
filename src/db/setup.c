/* What a new connection is told before its first job: settings, LISTEN (read lane), and every statement of
 * the lane. All of it is sent at once, each step with its own Sync, so that one that fails takes no other
 * along.
 *
 * A statement that does not prepare does not stop the lane: its jobs are answered with what the server
 * said, and if that was passing (a locked table) the connection is soon replaced. */
#include "connection.h"
#include "lane.h"
#include "sqlstate.h"

#include <stdio.h>

#define GRACE_MS       500  /* the server's own time-out, behind ours */
#define LOCK_WAIT_MS   50   /* for each statement: a table that somebody locks must not hold up the others */
#define RENEW_AFTER_MS 2000 /* when a statement could not be prepared for now */

static size_t next_statement(const struct lane *lane, size_t from)
{
    const struct db_config *config = &lane->db->config;
    while (from < config->statement_count && config->statements[from].lane != lane->kind)
        from++;
    return from;
}

static unsigned channel_count(const struct lane *lane)
{
    unsigned count = 0;
    if (lane->kind == LANE_READ && lane->db->config.listen)
        while (lane->db->config.listen[count])
            count++;
    return count;
}

static bool send_sync(struct lane *lane)
{
    lane->setup_steps++;
    return PQpipelineSync(lane->conn);
}

/* Reads may be run twice when a connection is lost: the server makes sure that they are reads. Quick
 * statements are planned once: PostgreSQL would plan a page anew each time, since it takes LIMIT $n for a
 * tenth of the table, and planning costs ten times what running does. */
static bool send_settings(struct lane *lane)
{
    const struct db_config *config = &lane->db->config;
    struct connection_limits limits = {
        .statement_timeout_ms = config->timeout_ms[lane->kind] + GRACE_MS,
        .lock_timeout_ms = LOCK_WAIT_MS,
        .is_read_only = lane->kind != LANE_WRITE,
        .is_plan_fixed = lane->kind != LANE_SLOW,
    };
    return connection_send_settings(lane->conn, &limits) && send_sync(lane);
}

/* When all is prepared. */
static bool send_lock_timeout(struct lane *lane)
{
    return connection_send_lock_timeout(lane->conn, lane->db->config.lock_timeout_ms) && send_sync(lane);
}

static bool send_listen(struct lane *lane, const char *channel)
{
    char sql[160];
    char *name = PQescapeIdentifier(lane->conn, channel, strlen(channel));
    if (!name)
        return false;
    snprintf(sql, sizeof sql, "LISTEN %s", name);
    PQfreemem(name);
    return PQsendQueryParams(lane->conn, sql, 0, NULL, NULL, NULL, NULL, 1) && send_sync(lane);
}

static bool send_prepare(struct lane *lane, const struct statement *statement)
{
    return PQsendPrepare(lane->conn, statement->name, statement->text, (int)statement->param_count,
                         statement->types) &&
           send_sync(lane);
}

bool setup_send(struct lane *lane)
{
    const struct db_config *config = &lane->db->config;

    lane->setup_steps = lane->setup_answered = 0;
    lane->setup_statement = (unsigned)next_statement(lane, 0);
    if (!PQenterPipelineMode(lane->conn) || !send_settings(lane))
        return false;
    for (unsigned i = 0; i < channel_count(lane); i++)
        if (!send_listen(lane, config->listen[i]))
            return false;
    for (size_t i = next_statement(lane, 0); i < config->statement_count; i = next_statement(lane, i + 1))
        if (!send_prepare(lane, &config->statements[i]))
            return false;
    return send_lock_timeout(lane);
}

/* Files what the server said to preparing the statement whose turn it was. */
static bool note_prepared(struct lane *lane, const PGresult *result)
{
    unsigned id = lane->setup_statement;
    const struct statement *statement = &lane->db->config.statements[id];
    enum db_outcome outcome = result_outcome(result);

    lane->setup_statement = (unsigned)next_statement(lane, id + 1);
    lane->db->prepared[id] = outcome == DB_REFUSED ? DB_FAILED : outcome;
    if (outcome == DB_OK)
        return true;
    result_log(LOG_ERROR_LEVEL, "db.prepare_failed", statement, result);
    if (outcome != DB_FAILED && outcome != DB_REFUSED)
        lane->renew_at_ms = clock_mono_ms() + RENEW_AFTER_MS;
    return !result_ends_session(result);
}

static bool note_answer(struct lane *lane, const PGresult *result)
{
    if (!result) {
        bool is_end = lane->saw_null;
        lane->saw_null = true;
        return !is_end;
    }
    lane->saw_null = false;
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        lane->setup_answered++;
        lane->link_deadline_ms = clock_mono_ms() + CONNECTION_TIMEOUT_MS;
        return true;
    }
    bool is_last = lane->setup_answered + 1 == lane->setup_steps;
    if (lane->setup_answered > channel_count(lane) && !is_last)
        return note_prepared(lane, result);
    if (!result_is_error(result))
        return true;
    result_log(LOG_ERROR_LEVEL, "db.setup_failed", NULL, result);
    return false;
}

bool setup_receive(struct lane *lane)
{
    bool is_alive = PQconsumeInput(lane->conn);

    while (lane->setup_answered < lane->setup_steps && !PQisBusy(lane->conn)) {
        PGresult *result = PQgetResult(lane->conn);
        bool is_fine = note_answer(lane, result);
        PQclear(result);
        if (!is_fine)
            return false;
    }
    if (!is_alive)
        return false;
    if (lane->setup_answered == lane->setup_steps)
        link_now_ready(lane);
    return true;
}

/* One connection that waits: libpq's non-blocking calls around poll(), so that every wait has a deadline and
 * can be interrupted. A session that met trouble on its connection is broken for good; its owner opens
 * another.
 *
 * Not for requests: those go through db.h. */
#include "session_of.h"

#include "connection.h"
#include "memory.h"
#include "rows_of.h"
#include "sqlstate.h"

#define GRACE_MS 500 /* the server's own time-out, behind ours */

enum wait_end session_wait_socket(const struct session *session, short events, int64_t deadline_ms)
{
    struct pollfd fds[] = {
        {.fd = PQsocket(session->conn), .events = events},
        {.fd = session->config.interrupt_fd, .events = POLLIN}, /* poll() skips -1 */
    };
    for (;;) {
        int64_t left_ms = deadline_ms - clock_mono_ms();
        int ready = poll(fds, ARRAY_LEN(fds), left_ms > 0 ? (int)left_ms : 0);
        if (fds[1].revents)
            return WAIT_INTERRUPTED;
        if (ready > 0)
            return WAIT_READY;
        if (ready == 0)
            return WAIT_TIMEOUT;
        /* a signal: look at the clock and wait on */
    }
}

static void set_error(struct session *session, const char *what, struct slice detail)
{
    snprintf(session->error, sizeof session->error, "%s%s%.*s", what, detail.len ? ": " : "", (int)detail.len,
             detail.len ? detail.data : "");
}

/* Messages about data echo it, so of those only what names the schema is told. */
static void set_error_of(struct session *session, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

    if (!sqlstate)
        set_error(session, "08006", SLICE("the connection was lost"));
    else if (result_outcome(result) == DB_REFUSED || strncmp(sqlstate, "P0", 2) == 0 || !message)
        set_error(session, sqlstate, slice_of(constraint));
    else
        set_error(session, sqlstate, (struct slice){message, strcspn(message, "\n")});
}

void session_break(struct session *session)
{
    PQfinish(session->conn);
    session->conn = NULL;
}

/* --- waiting for answers --------------------------------------------------------------------------- */

/* Until libpq holds a complete result. */
static enum wait_end wait_for_result(struct session *session, int64_t deadline_ms)
{
    for (;;) {
        bool is_flushing = PQflush(session->conn) > 0;
        if (!is_flushing && !PQisBusy(session->conn))
            return WAIT_READY;
        short events = is_flushing ? POLLIN | POLLOUT : POLLIN;
        enum wait_end end = session_wait_socket(session, events, deadline_ms);
        if (end != WAIT_READY)
            return end;
        if (!PQconsumeInput(session->conn))
            return WAIT_READY; /* PQgetResult() makes an error of it */
    }
}

static enum db_outcome give_up(struct session *session, enum wait_end end, bool is_write)
{
    session_break(session);
    set_error(session, end == WAIT_TIMEOUT ? "no answer in time" : "interrupted", (struct slice){0});
    if (is_write)
        return DB_UNKNOWN;
    return end == WAIT_TIMEOUT ? DB_TIMEOUT : DB_UNAVAILABLE;
}

static enum db_outcome judge_error(struct session *session, const PGresult *error, bool had_result,
                                   bool is_write)
{
    bool is_lost = result_ends_session(error);
    bool is_from_server = PQresultErrorField(error, PG_DIAG_SQLSTATE) != NULL;
    bool is_stale = result_is_stale(error) || result_is_read_only(error);

    set_error_of(session, error);
    if (is_lost || is_stale)
        session_break(session);
    if (is_write && is_lost && (had_result || !is_from_server))
        return DB_UNKNOWN; /* the commit was asked for, and perhaps done */
    return is_stale ? DB_UNAVAILABLE : result_outcome(error);
}

enum db_outcome session_answer(struct session *session, bool is_sent, bool is_write, PGresult **ret)
{
    int64_t deadline_ms = clock_mono_ms() + session->config.timeout_ms;
    PGresult *answer = NULL;
    enum db_outcome outcome = is_sent ? DB_OK : DB_UNAVAILABLE;

    while (is_sent && session->conn) {
        enum wait_end end = wait_for_result(session, deadline_ms);
        if (end != WAIT_READY) {
            outcome = give_up(session, end, is_write);
            break;
        }
        PGresult *result = PQgetResult(session->conn);
        if (!result)
            break;
        if (result_is_error(result))
            outcome = judge_error(session, result, answer != NULL, is_write);
        PQclear(answer);
        answer = result;
    }
    if (!is_sent) {
        set_error(session, "08006", SLICE("the connection was lost"));
        session_break(session);
    }
    if (outcome != DB_OK)
        PQclear(answer);
    else
        *ret = answer;
    return outcome;
}

/* --- life ------------------------------------------------------------------------------------------ */

static bool connect_in_time(struct session *session)
{
    int64_t deadline_ms = clock_mono_ms() + session->config.timeout_ms;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;

    session->conn = connection_start(session->config.conninfo);
    if (PQstatus(session->conn) == CONNECTION_BAD)
        state = PGRES_POLLING_FAILED;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED) {
            set_error(session, "no connection", connection_error(session->conn));
            return false;
        }
        short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        enum wait_end end = session_wait_socket(session, events, deadline_ms);
        if (end != WAIT_READY) {
            set_error(session, "no connection", slice_of(end == WAIT_TIMEOUT ? "time-out" : "interrupted"));
            return false;
        }
        state = PQconnectPoll(session->conn);
    }
    return true;
}

static bool set_up(struct session *session)
{
    PGresult *result;
    const struct session_config *config = &session->config;
    struct connection_limits limits = {
        .statement_timeout_ms = config->timeout_ms + GRACE_MS,
        .lock_timeout_ms = config->lock_timeout_ms ? config->lock_timeout_ms : config->timeout_ms / 2,
        .is_read_only = false,
    };
    bool is_sent =
        PQsetnonblocking(session->conn, 1) == 0 && connection_send_settings(session->conn, &limits);
    if (session_answer(session, is_sent, false, &result) != DB_OK)
        return false;
    PQclear(result);
    return true;
}

struct session *session_open(const struct session_config *config, char ret_error[SESSION_ERROR_MAX])
{
    struct session *session = memory_new(sizeof *session);
    session->config = *config;
    session->prepared = memory_new_array(config->statement_count, sizeof(bool));
    encoder_init(&session->encoder);
    if (connect_in_time(session) && set_up(session))
        return session;
    memcpy(ret_error, session->error, SESSION_ERROR_MAX);
    session_close(session);
    return NULL;
}

void session_close(struct session *session)
{
    if (!session)
        return;
    session_break(session);
    for (unsigned i = 0; i < session->channel_count; i++)
        free(session->channels[i].name);
    encoder_done(&session->encoder);
    free(session->prepared);
    free(session);
}

bool session_is_broken(const struct session *session)
{
    return !session->conn;
}

const char *session_error(const struct session *session)
{
    return session->error;
}

/* --- statements ------------------------------------------------------------------------------------ */

/* A result that belongs to its receiver, and so does its plan. */
struct owned_rows {
    struct rows rows;
    struct plan *plan;
};

static struct rows *own_rows(PGresult *result)
{
    struct owned_rows *owned = memory_new(sizeof *owned);
    owned->rows = rows_all_of(result, &owned->plan);
    return &owned->rows;
}

void rows_free(struct rows *rows)
{
    if (!rows)
        return;
    struct owned_rows *owned = CONTAINER_OF(rows, struct owned_rows, rows);
    plan_free(owned->plan);
    PQclear(rows->result);
    free(owned);
}

static enum db_outcome prepare(struct session *session, unsigned id)
{
    const struct statement *statement = &session->config.statements[id];
    PGresult *result;

    if (session->prepared[id])
        return DB_OK;
    bool is_sent = PQsendPrepare(session->conn, statement->name, statement->text, (int)statement->param_count,
                                 statement->types);
    enum db_outcome outcome = session_answer(session, is_sent, false, &result);
    if (outcome != DB_OK)
        return outcome;
    PQclear(result);
    session->prepared[id] = true;
    return DB_OK;
}

enum db_outcome session_run(struct session *session, unsigned statement, const struct param *params,
                            unsigned param_count, struct rows **ret)
{
    const struct statement *entry = &session->config.statements[statement];
    struct encoder *encoder = &session->encoder;
    PGresult *result;

    if (!session->conn)
        return DB_UNAVAILABLE;
    enum db_outcome outcome = prepare(session, statement);
    if (outcome != DB_OK)
        return outcome;
    outcome = encode(encoder, entry, params, param_count);
    if (outcome != DB_OK) {
        set_error(session, "a parameter does not fit", slice_of(entry->name));
        return outcome;
    }
    bool is_sent = PQsendQueryPrepared(session->conn, entry->name, (int)param_count, encoder->values,
                                       encoder->lengths, encoder->formats, 1);
    outcome = session_answer(session, is_sent, entry->lane != LANE_READ, &result);
    if (outcome != DB_OK)
        return outcome;
    *ret = own_rows(result);
    return DB_OK;
}

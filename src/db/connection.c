/* Connection parameters, session settings and the notice receiver: the same for lanes, sessions and
 * migrations.
 *
 * When to connect, and what to do on failure, is decided by each of those. */
#include "connection.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

/* libpq lets later words win: an operator's connection string may say sslmode, gssencmode and time-outs, but
 * not what the code relies on. */
static const char *const keywords[] = {"gssencmode",       "connect_timeout", "dbname",
                                       "application_name", "client_encoding", NULL};
#define VALUES(conninfo)                                                                                     \
    {                                                                                                        \
        "disable", "10", (conninfo), "mosharekat", "UTF8", NULL                                              \
    }

/* PostgreSQL's messages echo data, so nobody sees them; but a commit that did not reach the standby is
 * reported in no other way than by this warning. */
static void receive_notice(void *context, const PGresult *notice)
{
    (void)context;
    const char *sqlstate = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    const char *function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
    if (sqlstate && function && strcmp(sqlstate, "01000") == 0 && strcmp(function, "SyncRepWaitForLSN") == 0)
        log_warn("db.not_replicated", log_text("durable", "here only"));
}

PGconn *connection_start(const char *conninfo)
{
    const char *const values[] = VALUES(conninfo);
    PGconn *conn = PQconnectStartParams(keywords, values, 1);
    if (!conn)
        abort();
    PQsetNoticeReceiver(conn, receive_notice, NULL);
    return conn;
}

PGconn *connection_wait(const char *conninfo)
{
    const char *const values[] = VALUES(conninfo);
    PGconn *conn = PQconnectdbParams(keywords, values, 1);
    if (!conn)
        abort();
    PQsetNoticeReceiver(conn, receive_notice, NULL);
    return conn;
}

static const char settings_sql[] =
    "SELECT set_config('TimeZone', 'UTC', false), set_config('search_path', 'public', false),"
    " set_config('jit', 'off', false), set_config('max_parallel_workers_per_gather', '0', false),"
    " set_config('random_page_cost', '1.1', false), set_config('client_connection_check_interval', '2s', "
    "false),"
    " set_config('idle_in_transaction_session_timeout', '10s', false),"
    " set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
    " set_config('default_transaction_read_only', $3, false), set_config('plan_cache_mode', $4, false)";

bool connection_send_settings(PGconn *conn, const struct connection_limits *limits)
{
    char statement_timeout[24], lock_timeout[24];
    const char *values[] = {statement_timeout, lock_timeout, limits->is_read_only ? "on" : "off",
                            limits->is_plan_fixed ? "force_generic_plan" : "auto"};

    snprintf(statement_timeout, sizeof statement_timeout, "%lld", (long long)limits->statement_timeout_ms);
    snprintf(lock_timeout, sizeof lock_timeout, "%lld", (long long)limits->lock_timeout_ms);
    return PQsendQueryParams(conn, settings_sql, 4, NULL, values, NULL, NULL, 1);
}

bool connection_send_lock_timeout(PGconn *conn, int64_t lock_timeout_ms)
{
    char text[24];
    const char *values[] = {text};

    snprintf(text, sizeof text, "%lld", (long long)lock_timeout_ms);
    return PQsendQueryParams(conn, "SELECT set_config('lock_timeout', $1, false)", 1, NULL, values, NULL,
                             NULL, 1);
}

struct slice connection_error(const PGconn *conn)
{
    if (!PQuser(conn)) /* libpq could not read the string, and says so by quoting it, password and all */
        return SLICE("the connection string cannot be read");
    const char *message = PQerrorMessage(conn);
    return (struct slice){message, strcspn(message, "\n")};
}

/* SQLSTATE -> outcome, by one table: the longest prefix that fits decides. Classes that the table does not
 * name are mistakes in our SQL or schema: DB_FAILED.
 *
 * What follows from an outcome (run again, answer 503) is not decided here. */
#include "sqlstate.h"

static const struct {
    const char *prefix;
    enum db_outcome outcome;
} outcomes[] = {
    {"25006", DB_UNAVAILABLE}, /* read_only_sql_transaction: the server became a standby */
    {"40001", DB_LOCKED},      /* serialization_failure */
    {"40P01", DB_LOCKED},      /* deadlock_detected */
    {"53300", DB_UNAVAILABLE}, /* too_many_connections */
    {"55P03", DB_LOCKED},      /* lock_not_available: lock_timeout */
    {"57014", DB_TIMEOUT},     /* query_canceled: statement_timeout */
    {"57P0", DB_UNAVAILABLE},  /* shutdown, crash, starting up */
    {"08", DB_UNAVAILABLE},    /* connection exceptions */
    {"22", DB_REFUSED},        /* data exceptions */
    {"23", DB_REFUSED},        /* integrity constraints */
    {"53", DB_FULL},           /* disk or memory */
};

enum db_outcome sqlstate_outcome(const char *sqlstate)
{
    if (!sqlstate)
        return DB_UNAVAILABLE;
    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
        if (strncmp(sqlstate, outcomes[i].prefix, strlen(outcomes[i].prefix)) == 0)
            return outcomes[i].outcome;
    return DB_FAILED;
}

bool result_is_error(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

enum db_outcome result_outcome(const PGresult *result)
{
    if (!result_is_error(result))
        return DB_OK;
    if (PQresultStatus(result) != PGRES_FATAL_ERROR)
        return DB_FAILED; /* an empty statement, COPY: nothing that we write */
    return sqlstate_outcome(PQresultErrorField(result, PG_DIAG_SQLSTATE));
}

static bool field_is(const PGresult *result, int field, const char *value)
{
    const char *text = PQresultErrorField(result, field);
    return text && strcmp(text, value) == 0;
}

bool result_ends_session(const PGresult *result)
{
    return !PQresultErrorField(result, PG_DIAG_SQLSTATE) ||
           field_is(result, PG_DIAG_SEVERITY_NONLOCALIZED, "FATAL") ||
           field_is(result, PG_DIAG_SEVERITY_NONLOCALIZED, "PANIC");
}

bool result_is_stale(const PGresult *result)
{
    return field_is(result, PG_DIAG_SQLSTATE, "26000") ||
           (field_is(result, PG_DIAG_SQLSTATE, "0A000") && /* which says much else, too */
            field_is(result, PG_DIAG_SOURCE_FUNCTION, "RevalidateCachedQuery"));
}

bool result_is_read_only(const PGresult *result)
{
    return field_is(result, PG_DIAG_SQLSTATE, "25006");
}

void result_log(enum log_level level, const char *event, const struct statement *statement,
                const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    const char *message = "";
#ifdef MOSHAREKAT_CHECK_REPLIES
    message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
#endif
    struct log_field fields[] = {
        log_text("sqlstate", sqlstate ? sqlstate : "08006"),
        log_text("statement", statement ? statement->name : ""),
        log_text("constraint", constraint ? constraint : ""),
        log_text("message", message ? message : ""),
        {0},
    };
    log_write(level, event, fields);
}

const char *db_outcome_name(enum db_outcome outcome)
{
    static const char *const names[] = {
        [DB_OK] = "ok",           [DB_UNAVAILABLE] = "unavailable", [DB_OVERLOADED] = "overloaded",
        [DB_TIMEOUT] = "timeout", [DB_LOCKED] = "locked",           [DB_UNKNOWN] = "unknown",
        [DB_FULL] = "full",       [DB_REFUSED] = "refused",         [DB_FAILED] = "failed",
    };
    return names[outcome];
}

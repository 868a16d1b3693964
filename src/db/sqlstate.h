/* What an error of PostgreSQL means to a job. Only here is a SQLSTATE read. */
#ifndef DB_SQLSTATE_H
#define DB_SQLSTATE_H

#include "base/log.h"
#include "db/db.h"

#include <libpq-fe.h>

/* NULL (the connection broke without a word) counts as 08006. */
enum db_outcome sqlstate_outcome(const char *sqlstate);
/* DB_OK when the result is no error. */
enum db_outcome result_outcome(const PGresult *result);
bool result_is_error(const PGresult *result);

/* The session ended with this error: nothing more comes on the connection. */
bool result_ends_session(const PGresult *result);
/* The connection no longer fits (the statement is not prepared there, or its result type changed): worth one
 * more try on a new one. */
bool result_is_stale(const PGresult *result);
/* The transaction was read-only: of a write, because the server became a standby; of a read, because it is
 * none. */
bool result_is_read_only(const PGresult *result);

/* SQLSTATE, statement and constraint, never the message: that one echoes what citizens wrote. (The dev preset
 * adds it.) `statement` may be NULL. */
void result_log(enum log_level level, const char *event, const struct statement *statement,
                const PGresult *result);

#endif

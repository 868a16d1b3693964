/* What all our connections have in common: how they are asked for, and their session's settings. */
#ifndef DB_CONNECTION_H
#define DB_CONNECTION_H

#include "base/slice.h"

#include <libpq-fe.h>
#include <stdint.h>

#define CONNECTION_TIMEOUT_MS 3000 /* to connect, and for each step of the set-up */

/* Begins to connect (non-blocking); never NULL, look at PQstatus(). */
PGconn *connection_start(const char *conninfo);
/* The same, waiting until it is done or failed. */
PGconn *connection_wait(const char *conninfo);

struct connection_limits {
    int64_t statement_timeout_ms, lock_timeout_ms;
    bool is_read_only;
    bool is_plan_fixed; /* plan a statement once, not for each set of values */
};
/* Sends the statement that sets the session up; its result is one row. False: the connection is lost. */
bool connection_send_settings(PGconn *conn, const struct connection_limits *limits);
/* Sends the statement that changes one of them; the same. */
bool connection_send_lock_timeout(PGconn *conn, int64_t lock_timeout_ms);

/* Why a connection could not be made: libpq's own words about hosts, roles and files, first line. Only for a
 * failed PQconnectPoll(): later messages may echo data. */
struct slice connection_error(const PGconn *conn);

#endif

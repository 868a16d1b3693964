/* One blocking connection, for the CLI, the start and the worker's thread: every call has a deadline, and a
 * file descriptor that becomes readable interrupts the wait (for a prompt shutdown). */
#ifndef DB_SESSION_H
#define DB_SESSION_H

#include "db/db.h"

#include <stdio.h>

struct session;

struct session_config {
    const char *conninfo;
    const struct statement *statements;
    size_t statement_count;
    int64_t timeout_ms;
    int interrupt_fd;        /* -1: none */
    int64_t lock_timeout_ms; /* 0: half of timeout_ms */
};

#define SESSION_ERROR_MAX 240

/* NULL on failure, with a sentence in `ret_error` that holds no password and no value of a row. */
MUST_USE struct session *session_open(const struct session_config *config, char ret_error[SESSION_ERROR_MAX]);
void session_close(struct session *session); /* accepts NULL */

/* Runs a statement of the table (prepared on first use) in its own transaction. On DB_OK `*ret` is the
 * caller's (rows_free). */
MUST_USE enum db_outcome session_run(struct session *session, unsigned statement, const struct param *params,
                                     unsigned param_count, struct rows **ret);
void rows_free(struct rows *rows); /* accepts NULL */
bool session_is_broken(const struct session *session);
/* SQLSTATE and first line of the last error's primary message (schema names only): for the CLI, never for
 * clients. */
const char *session_error(const struct session *session);

/* Prepares and describes every statement; prints each failure as file:line: text. Returns how many failed. */
unsigned session_check_statements(struct session *session, FILE *errors);

/* Waits until a notification on a channel LISTENed to, the interrupt, or `timeout_ms`; true if notified. */
bool session_wait(struct session *session, const char *channel, int64_t timeout_ms);

#endif

/* What struct session is, for session.c and session_check.c. */
#ifndef DB_SESSION_OF_H
#define DB_SESSION_OF_H

#include "db/session.h"
#include "encode.h"

#include <libpq-fe.h>
#include <poll.h>

#define SESSION_CHANNELS_MAX 8

struct session_channel {
    char *name;
    bool is_notified;
};

struct session {
    PGconn *conn; /* NULL: broken */
    struct session_config config;
    struct encoder encoder;
    bool *prepared; /* by statement */
    struct session_channel channels[SESSION_CHANNELS_MAX];
    unsigned channel_count;
    char error[SESSION_ERROR_MAX];
};

enum wait_end { WAIT_READY, WAIT_TIMEOUT, WAIT_INTERRUPTED };
/* Waits until the socket is ready for poll()'s `events`. */
MUST_USE enum wait_end session_wait_socket(const struct session *session, short events, int64_t deadline_ms);
void session_break(struct session *session);

/* Waits for the answer to what was just sent (`is_sent`: libpq's word for it). `is_write`: it may have an
 * effect, so a connection that breaks leaves it DB_UNKNOWN. On DB_OK `*ret` is the caller's (PQclear). */
MUST_USE enum db_outcome session_answer(struct session *session, bool is_sent, bool is_write, PGresult **ret);

#endif

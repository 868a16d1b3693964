/* Connections: libmicrohttpd's callbacks on one side, exchanges (exchange.h) on the other. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "transport.h"

/* The daemon that serves a loop's connections, or NULL. It is run by the loop. */
struct MHD_Daemon *connection_daemon(struct loop *loop);

/* What happens when a deadline passes: the socket is shut, and libmicrohttpd finds out. */
void connection_expired(struct loop *loop, struct deadline *deadline);

/* The connection's exchange waits for the database, until exchange_answered(). */
void connection_await(struct connection *connection);

/* Ends the exchanges whose client did not wait for the answer. Not within exchange_answered(): the engine is
 * still at them. */
void connections_end_orphans(struct loop *loop);

/* For a stop: connections on which no request has fully arrived may finish what is in the socket, and end
 * then. */
void connections_end_reading(struct loop *loop);

#endif

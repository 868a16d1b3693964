/* The server: loops, listeners, the shared read-only tables. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/crypto.h"
#include "base/settings.h"
#include "base/store.h"
#include "http/reply.h"

extern const char
    *const server_rates[]; /* vocabulary of x-rate: "read", "submit", "track", "staff", "vote"; NULL-ended */
extern const char *const server_tags[]; /* vocabulary of x-cache and x-drops; NULL-ended */

struct server_config {
    const struct settings *settings;
    const struct contract *contract;
    const struct binding *bindings;
    struct secret secret;
    struct registry *registry; /* the server takes the reference */
    struct store *store;       /* for uploads; NULL: they are refused */
    /* metrics that other parts add to /metrics: appends Prometheus text */
    void (*extra_metrics)(void *context, struct buffer *out);
    void *context;
};

struct server;

/* Checks that every operation has a handler and every handler an operation (each miss is printed to stderr);
 * binds listeners; starts the loops' threads. NULL on failure, with one line on stderr naming what. */
MUST_USE struct server *server_start(const struct server_config *config);
/* Not ready, stop accepting, finish what was accepted (settings.drain_timeout), join, free. */
void server_stop(struct server *server);

/* How many bindings and operations do not match (printed to `out`): for `mosharekat check`. */
unsigned server_check_bindings(const struct contract *contract, const struct binding *bindings, FILE *out);

#endif

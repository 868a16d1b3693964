/* The worker: a thread that does what is due and sleeps until the next instant that it knows of, a second one
 * that adds up figures, and a third for what waits for the disk, the virus scanner or the identity provider.
 * Any number of servers may run them on the same database; each fact is recorded once. They never change what
 * a reader sees: states come from the clock at reading, and the worker records the event. */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/buffer.h"
#include "base/settings.h"

struct worker;

/* Connects by itself, again and again if it must. NULL if a thread could not be made. */
MUST_USE struct worker *worker_start(const struct settings *settings);
/* Interrupts passes and sleep, joins, frees. Accepts NULL. */
void worker_stop(struct worker *worker);

/* Whether the setting clamd is an address: /path of a socket, or one in 127.0.0.0/8 with its port. */
bool worker_knows_scanner(const char *address);

/* Prometheus text: passes, things done, failures, lag. Accepts NULL (writes nothing). Thread-safe. */
void worker_metrics(const struct worker *worker, struct buffer *out);

#endif

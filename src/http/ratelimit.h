/* Rate limits: the generic cell rate algorithm in a table of fixed size, shared by all loops.
 *
 * A rate is requests a minute; a quarter of it (at least 1) may come at once. The table forgets whoever has
 * been quiet longest when it is full, so it bounds memory, not strangers: an attacker with very many
 * addresses meets the limits of the proxy and the queue instead. */
#ifndef RATELIMIT_H
#define RATELIMIT_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

/* The first five are the vocabulary of x-rate (server_rates). */
enum rate {
    RATE_READ,
    RATE_SUBMIT,
    RATE_TRACK,
    RATE_STAFF,
    RATE_VOTE,
    RATE_DENIED,    /* refused keys, by address */
    RATE_TRACK_ALL, /* looks at tracking codes, everybody's together */
    RATE_COUNT
};

struct rate_verdict {
    bool is_allowed;
    unsigned limit, remaining; /* requests at once */
    unsigned reset_s;          /* until all of `limit` is there again */
    unsigned retry_s;          /* until the next one is allowed, at least 1; if not is_allowed */
};

struct ratelimit;

struct ratelimit *ratelimit_new(const int64_t per_minute[RATE_COUNT]);
void ratelimit_free(struct ratelimit *limits); /* accepts NULL */

/* Takes one from whose bucket `who` names (an address as bytes, a key id, nothing). IPv6 goes by /64. */
struct rate_verdict ratelimit_take(struct ratelimit *limits, enum rate rate, struct slice who,
                                   int64_t now_mono_us);
/* What ratelimit_take() would say, taking nothing. */
struct rate_verdict ratelimit_look(struct ratelimit *limits, enum rate rate, struct slice who,
                                   int64_t now_mono_us);
/* The part of an address that a limit goes by. */
struct slice ratelimit_network(struct slice address);

#endif

/* What the parts of the engine share: `struct shared` is one per process and read-only but for what it points
 * to, `struct engine` belongs to one loop's thread. */
#ifndef ENGINE_H
#define ENGINE_H

#include "http/server.h"

#include "cache.h"
#include "drops.h"
#include "exchange.h"
#include "identity.h"
#include "keeper.h"
#include "keys.h"
#include "metrics.h"
#include "pulse.h"
#include "ratelimit.h"
#include "registry.h"

#include <stdatomic.h>

#define INSTANCE_LEN 16

struct shared {
    const struct settings *settings;
    const struct contract *contract;
    handler_fn **handlers; /* by operation index */
    struct tracking_keys tracking;
    struct secret cursor_key, idempotency_key;
    struct registry_holder *registry;
    struct key_cache *keys;
    struct identity *identity;
    struct cache *cache;
    struct ratelimit *limits;
    struct metrics *metrics;
    atomic_uint streams;             /* answers under way, or about to be, that are streams */
    struct store *store;             /* NULL: no files are kept */
    struct keeper *keeper;           /* if there is a store */
    atomic_uint transfers;           /* files on their way, in or out */
    char instance[INSTANCE_LEN + 1]; /* names this process in notifications */
    void (*extra_metrics)(void *context, struct buffer *out);
    void *context;
};

struct engine {
    struct shared *shared;
    struct db *db;
    bool is_first; /* listens to notifications, sets the clock */
    unsigned waiting;
    struct pulse pulse;
    struct drops drops;
    struct keeper_box box; /* if there is a store */
    struct metrics_engine *figures;
    int64_t publish_at_ms;
    char id_prefix[8];
    uint32_t id_counter;
};

#endif

/* What carries an exchange through the transport: its connection, its progress. Carriers are recycled, so
 * that a request costs no allocation once a loop is warm. */
#ifndef CARRIER_H
#define CARRIER_H

#include "exchange.h"
#include "peer.h"

struct connection;

struct carrier {
    struct exchange exchange;
    struct connection *connection;
    struct carrier *next; /* in the pool */

    bool has_answer;
    bool is_suspended;
    uint64_t received; /* bytes of the body, kept or not */
    int64_t head_ms, body_by_ms, answer_by_ms, suspended_ms;
    struct peer client; /* behind head.address */
};

struct carrier_pool {
    struct carrier *free;
    unsigned count;
};

static inline struct carrier *carrier_of(const struct exchange *exchange)
{
    return CONTAINER_OF((struct exchange *)exchange, struct carrier, exchange);
}

/* Zeroed but for its arena and the memory of its body. */
struct carrier *carrier_take(struct carrier_pool *pool);
/* After engine_done(). */
void carrier_give(struct carrier_pool *pool, struct carrier *carrier);
void carrier_pool_done(struct carrier_pool *pool);

#endif

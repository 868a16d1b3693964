/* What carries an exchange through the transport: its connection, its progress. Carriers are recycled, so
 * that a request costs no allocation once a loop is warm. */
#ifndef CARRIER_H
#define CARRIER_H

#include "exchange.h"
#include "guard.h"
#include "peer.h"

struct connection;

struct carrier {
    struct exchange exchange;
    struct loop *loop;
    struct connection *connection; /* NULL: the client has gone while the database was at work */
    struct carrier *next;          /* in the pool, or among the orphans of a loop */

    /* What libmicrohttpd told of the head, copied: an exchange may outlive its connection. */
    char *target;
    struct guard_header *headers;
    size_t header_count;
    struct peer client;

    bool has_answer;
    bool is_ahead;     /* which is out already, while the body is still coming */
    bool is_waiting;   /* for exchange_answered() */
    uint64_t received; /* bytes of the body, kept or not */
    int64_t head_ms, moved_ms, body_by_ms, answer_by_ms, waiting_since_ms;
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
/* Fills exchange.head, but for the address. `facts` are views into carrier->target; of a head that is not
 * clear the headers are not copied, and may be asked for only as long as the connection lives. */
void carrier_keep_head(struct carrier *carrier, const struct guard_head *head,
                       const struct guard_facts *facts, bool is_clear);
/* Whom the proxy in front names, or the peer. After carrier_keep_head(). */
void carrier_keep_client(struct carrier *carrier, const struct peer *peer, bool is_proxy_trusted);
/* After engine_done(). */
void carrier_give(struct carrier_pool *pool, struct carrier *carrier);
void carrier_pool_done(struct carrier_pool *pool);

#endif

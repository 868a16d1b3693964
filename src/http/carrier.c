/* The pool of carriers of a loop: bounded, so that a wave of requests leaves no memory behind. */
#include "carrier.h"

#include <stdlib.h>

#define ARENA_CHUNK (16 * 1024)
#define BODY_KEPT   (16 * 1024) /* a larger body's memory is given back */
#define POOL_MAX    256

static struct carrier *carrier_new(void)
{
    struct carrier *carrier = calloc(1, sizeof *carrier);
    if (!carrier)
        abort();
    arena_init(&carrier->exchange.request.arena, ARENA_CHUNK);
    return carrier;
}

static void carrier_free(struct carrier *carrier)
{
    arena_done(&carrier->exchange.request.arena);
    buffer_done(&carrier->exchange.body);
    free(carrier);
}

struct carrier *carrier_take(struct carrier_pool *pool)
{
    struct carrier *carrier = pool->free;
    if (!carrier)
        return carrier_new();
    pool->free = carrier->next;
    pool->count--;
    carrier->next = NULL;
    return carrier;
}

void carrier_give(struct carrier_pool *pool, struct carrier *carrier)
{
    if (pool->count == POOL_MAX) {
        carrier_free(carrier);
        return;
    }
    struct exchange *exchange = &carrier->exchange;
    if (exchange->body.cap > BODY_KEPT)
        buffer_done(&exchange->body);
    buffer_clear(&exchange->body);
    arena_reset(&exchange->request.arena);

    struct arena arena = exchange->request.arena;
    struct buffer body = exchange->body;
    *carrier = (struct carrier){.exchange.request.arena = arena, .exchange.body = body, .next = pool->free};
    pool->free = carrier;
    pool->count++;
}

void carrier_pool_done(struct carrier_pool *pool)
{
    while (pool->free) {
        struct carrier *carrier = pool->free;
        pool->free = carrier->next;
        carrier_free(carrier);
    }
    pool->count = 0;
}

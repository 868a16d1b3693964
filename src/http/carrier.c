/* Carriers: what they keep of a head, and the pool of a loop: bounded, so that a wave of requests leaves no
 * memory behind. */
#include "carrier.h"

#include "head.h"

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
    free(carrier->target);
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
    free(carrier->target);
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

static struct slice header_value(const struct exchange *exchange, const char *name)
{
    const struct carrier *carrier = carrier_of(exchange);
    return head_value(carrier->headers, carrier->header_count, name);
}

/* A clear head lies in one piece from the first name to its end, and is copied as such. The headers of a
 * refused one, which may be anywhere, stay where they are: its answer waits for nobody. */
static void keep_headers(struct carrier *carrier, const struct guard_head *head, bool is_clear)
{
    struct arena *arena = &carrier->exchange.request.arena;
    size_t count = head->header_count < GUARD_HEADERS_MAX ? head->header_count : GUARD_HEADERS_MAX;
    if (count == 0)
        return;
    const char *from = head->headers[0].name.data;
    const char *kept = is_clear ? arena_copy(arena, from, (size_t)(head->end - from)) : from;
    carrier->headers = arena_alloc_array(arena, count, sizeof *carrier->headers);
    carrier->header_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct guard_header *header = &head->headers[i];
        carrier->headers[i] = (struct guard_header){
            {kept + (header->name.data - from), header->name.len},
            {kept + (header->value.data - from), header->value.len},
        };
    }
}

void carrier_keep_head(struct carrier *carrier, const struct guard_head *head,
                       const struct guard_facts *facts, bool is_clear)
{
    keep_headers(carrier, head, is_clear);
    carrier->exchange.head = (struct head){
        .method = facts->method,
        .path = facts->path,
        .query = facts->query,
        .header = header_value,
        .content_length = facts->content_length,
        .has_body = facts->is_chunked || facts->content_length > 0,
    };
}

void carrier_keep_client(struct carrier *carrier, const struct peer *peer, bool is_proxy_trusted)
{
    /* Who reaches a unix socket is on this machine. */
    static const struct peer loopback = {.bytes = {127, 0, 0, 1}, .len = 4};
    struct exchange *exchange = &carrier->exchange;
    carrier->client = peer->len > 0 ? *peer : loopback;
    if (is_proxy_trusted) {
        struct slice named = header_value(exchange, "X-Real-IP");
        struct peer client;
        if (named.data && peer_parse(named, &client))
            carrier->client = client;
    }
    exchange->head.address = peer_bytes(&carrier->client);
}

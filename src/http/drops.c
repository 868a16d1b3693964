/* Telling the other processes which cached answers went stale. A notification that is lost costs little: no
 * entry outlives its seconds. Not for the events that people see: those are rows of a table. */
#include "drops.h"

#include "base/log.h"
#include "engine.h"
#include "statements.h"

#include <stdio.h>

#define PAYLOAD_MAX 7000 /* PostgreSQL takes less than 8000 bytes */
#define PAUSE_MS    50

void drops_init(struct drops *drops)
{
    *drops = (struct drops){0};
    buffer_init(&drops->payload, PAYLOAD_MAX);
}

void drops_done(struct drops *drops)
{
    buffer_done(&drops->payload);
}

static void remember(struct drops *drops, const char *org, uint64_t tags)
{
    size_t i = 0;
    while (i < drops->count && strcmp(drops->items[i].org, org) != 0)
        i++;
    if (i == DROPS_MAX || strlen(org) > SLUG_MAX) {
        drops->is_everything = true;
        return;
    }
    if (i == drops->count) {
        drops->count++;
        drops->items[i].tags = 0;
        snprintf(drops->items[i].org, sizeof drops->items[i].org, "%s", org);
    }
    drops->items[i].tags |= tags;
}

void drops_add(struct engine *engine, const char *org, uint64_t tags)
{
    cache_drop(engine->shared->cache, slice_of(org), tags);
    remember(&engine->drops, org, tags);
}

static void write_item(const char *org, uint64_t tags, struct buffer *out)
{
    for (unsigned tag = 0; server_tags[tag]; tag++)
        if (tags >> tag & 1)
            buffer_printf(out, "%s:%s,", org, server_tags[tag]);
}

void drops_write(const struct drops *drops, const char *instance, struct buffer *out)
{
    buffer_printf(out, "%s;", instance);
    for (size_t i = 0; i < drops->count && !drops->is_everything; i++)
        write_item(drops->items[i].org, drops->items[i].tags, out);
    if (out->overflow || drops->is_everything) {
        buffer_clear(out);
        buffer_printf(out, "%s;*", instance);
    }
}

static void told(struct db_job *job, enum db_outcome outcome, const struct rows *rows)
{
    (void)rows;
    struct drops *drops = CONTAINER_OF(job, struct drops, job);
    drops->is_under_way = false;
    if (outcome != DB_OK)
        log_warn("cache.not_told", log_text("outcome", db_outcome_name(outcome)));
}

int64_t drops_turn(struct engine *engine, int64_t now_ms)
{
    struct drops *drops = &engine->drops;
    if (drops->is_under_way || (drops->count == 0 && !drops->is_everything))
        return INT64_MAX;
    if (now_ms < drops->next_ms)
        return drops->next_ms;

    buffer_clear(&drops->payload);
    drops_write(drops, engine->shared->instance, &drops->payload);
    drops->count = 0;
    drops->is_everything = false;
    drops->is_under_way = true;
    drops->next_ms = now_ms + PAUSE_MS;
    drops->job = (struct db_job){
        .statement = SQL_CACHE_NOTIFY,
        .param_count = 1,
        .params = {as_slice(buffer_view(&drops->payload))},
        .done = told,
    };
    db_submit(engine->db, &drops->job);
    return drops->next_ms;
}

/* --- the other side ---------------------------------------------------------------------------- */

static uint64_t tag_bit(struct slice name)
{
    for (unsigned tag = 0; server_tags[tag]; tag++)
        if (slice_is(name, server_tags[tag]))
            return UINT64_C(1) << tag;
    return 0; /* a newer process's tag: nothing of ours can carry it */
}

static void heard_item(struct cache *cache, struct slice item)
{
    const char *colon = memchr(item.data, ':', item.len);
    if (!colon)
        return;
    struct slice org = {item.data, (size_t)(colon - item.data)};
    struct slice tag = {colon + 1, item.len - org.len - 1};
    cache_drop(cache, org, tag_bit(tag));
}

void drops_heard(struct shared *shared, struct slice payload)
{
    const char *semicolon = memchr(payload.data, ';', payload.len);
    size_t sender_len = semicolon ? (size_t)(semicolon - payload.data) : 0;
    if (!semicolon || slice_is((struct slice){payload.data, sender_len}, shared->instance))
        return;
    struct slice rest = {semicolon + 1, payload.len - sender_len - 1};
    if (slice_is(rest, "*"))
        cache_clear(shared->cache);
    while (rest.len > 0) {
        const char *comma = memchr(rest.data, ',', rest.len);
        struct slice item = {rest.data, comma ? (size_t)(comma - rest.data) : rest.len};
        size_t step = item.len + (comma ? 1 : 0);
        heard_item(shared->cache, item);
        rest = (struct slice){rest.data + step, rest.len - step};
    }
}

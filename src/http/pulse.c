/* Heartbeat, clock, notifications. Every engine beats on its own connections, because each has to know
 * whether *its* database answers; only the first one sets the clock, listens and reloads the registry.
 *
 * While the listening connection is down, notifications are lost. So whenever it was made anew everything
 * learnt from the database is forgotten: cached answers, keys, the registry. */
#include "pulse.h"

#include "base/log.h"
#include "engine.h"
#include "statements.h"

#include <stdatomic.h>
#include <stdlib.h>

#define JITTER_US       5000            /* smaller differences are the network's, not the clock's */
#define JUMP_US         CLOCK_SECOND_US /* a clock that was moved, not one that drifted */
#define BEATS_MISSED    3
#define RELOAD_RETRY_MS 1000

const char *const pulse_channels[] = {"mosharekat_policy", "mosharekat_clock", DROPS_CHANNEL, NULL};

void pulse_init(struct pulse *pulse)
{
    *pulse = (struct pulse){.is_link_new = true};
}

bool pulse_is_felt(const struct engine *engine)
{
    int64_t heard_ms = atomic_load(&engine->pulse.heard_ms);
    return heard_ms > 0 &&
           clock_mono_ms() - heard_ms <= BEATS_MISSED * engine->shared->settings->heartbeat_ms;
}

/* --- the clock --------------------------------------------------------------------------------- */

/* `told_us` was read somewhere between sending and hearing; half-way is the best guess, and a long way makes
 * it a bad one, so a difference that the way itself may explain changes nothing. */
static void set_clock(struct engine *engine, int64_t told_us)
{
    int64_t way_us = clock_mono_us() - engine->pulse.sent_us;
    int64_t now_us = told_us + way_us / 2;
    int64_t difference = llabs(now_us - clock_now_us());
    if (difference < JITTER_US || difference <= way_us / 2)
        return;
    clock_adjust(now_us);
    if (difference < JUMP_US)
        return;
    cache_clear(engine->shared->cache);
    log_info("clock.moved", log_int("offset_ms", clock_offset_us() / 1000));
}

static void beat_done(struct db_job *job, enum db_outcome outcome, const struct rows *rows)
{
    struct pulse *pulse = CONTAINER_OF(job, struct pulse, beat);
    struct engine *engine = CONTAINER_OF(pulse, struct engine, pulse);
    pulse->is_beating = false;
    if (outcome == DB_OVERLOADED) /* it is ours that is full, the database answers */
        return;
    atomic_store(&pulse->heard_ms, outcome == DB_OK ? clock_mono_ms() : 0);
    if (outcome == DB_OK && engine->is_first && rows_count(rows) == 1)
        set_clock(engine, rows_instant_us(rows, 0, rows_column(rows, "now")));
}

static void beat(struct engine *engine, int64_t now_ms)
{
    struct pulse *pulse = &engine->pulse;
    pulse->is_beating = true;
    pulse->beat_at_ms = now_ms + engine->shared->settings->heartbeat_ms;
    pulse->sent_us = clock_mono_us();
    pulse->beat = (struct db_job){.statement = SQL_HEARTBEAT, .done = beat_done};
    db_submit(engine->db, &pulse->beat);
}

/* --- the registry ------------------------------------------------------------------------------ */

static struct registry *read_registry(const struct rows *rows)
{
    struct slice text = rows_text(rows, 0, rows_column(rows, "registry"));
    json_t *document = json_loadb(text.data, text.len, 0, NULL);
    struct registry *registry = registry_parse(document);
    json_decref(document);
    return registry;
}

static void learn_identity(struct engine *engine, const struct rows *rows)
{
    const char *issuer = engine->shared->settings->identity_issuer;
    if (!issuer[0])
        return;
    struct slice text = rows_text(rows, 0, rows_column(rows, "identity_keys"));
    json_t *sets = json_loadb(text.data, text.len, 0, NULL);
    size_t count = identity_learn(engine->shared->identity, json_object_get(sets, issuer));
    json_decref(sets);
    log_info("identity.keys", log_int("count", (int64_t)count));
}

static void reload_done(struct db_job *job, enum db_outcome outcome, const struct rows *rows)
{
    struct pulse *pulse = CONTAINER_OF(job, struct pulse, reload);
    struct engine *engine = CONTAINER_OF(pulse, struct engine, pulse);
    pulse->is_reloading = false;

    struct registry *registry = outcome == DB_OK && rows_count(rows) == 1 ? read_registry(rows) : NULL;
    if (!registry) {
        pulse->is_registry_stale = true;
        log_warn("registry.not_loaded", log_text("outcome", db_outcome_name(outcome)));
        return;
    }
    registry_replace(engine->shared->registry, registry);
    learn_identity(engine, rows);
    cache_clear(engine->shared->cache);
    log_info("registry.loaded", log_int("organisations", (int64_t)registry_org_count(registry)));
}

static void reload(struct engine *engine, int64_t now_ms)
{
    struct pulse *pulse = &engine->pulse;
    pulse->is_registry_stale = false;
    pulse->is_reloading = true;
    pulse->reload_at_ms = now_ms + RELOAD_RETRY_MS;
    pulse->reload = (struct db_job){.statement = SQL_REGISTRY_LOAD, .done = reload_done};
    db_submit(engine->db, &pulse->reload);
}

/* --- notifications ----------------------------------------------------------------------------- */

/* A strategy was applied, or a key was revoked. */
static void heard_policy(struct engine *engine, struct slice payload)
{
    (void)payload;
    key_cache_clear(engine->shared->keys);
    cache_clear(engine->shared->cache);
    engine->pulse.is_registry_stale = true;
    engine->pulse.reload_at_ms = 0;
}

static void heard_clock(struct engine *engine, struct slice payload)
{
    (void)payload;
    engine->pulse.beat_at_ms = 0;
}

static void heard_drops(struct engine *engine, struct slice payload)
{
    drops_heard(engine->shared, payload);
}

void pulse_notified(void *context, const char *channel, const char *payload)
{
    static void (*const heard[])(struct engine *, struct slice) = {heard_policy, heard_clock, heard_drops};
    for (size_t i = 0; pulse_channels[i]; i++)
        if (strcmp(channel, pulse_channels[i]) == 0)
            heard[i](context, slice_of(payload));
}

static void mind_link(struct engine *engine)
{
    struct pulse *pulse = &engine->pulse;
    uint64_t reconnects = db_stats(engine->db).reconnects;
    bool is_ready = db_is_ready(engine->db);
    if (!is_ready || reconnects != pulse->reconnects)
        pulse->is_link_new = true;
    pulse->reconnects = reconnects;
    if (!is_ready || !pulse->is_link_new)
        return;
    pulse->is_link_new = false;
    pulse->beat_at_ms = 0;
    if (engine->is_first)
        heard_policy(engine, (struct slice){0});
}

int64_t pulse_turn(struct engine *engine, int64_t now_ms)
{
    struct pulse *pulse = &engine->pulse;
    mind_link(engine);
    if (!pulse->is_beating && now_ms >= pulse->beat_at_ms)
        beat(engine, now_ms);
    if (pulse->is_registry_stale && !pulse->is_reloading && now_ms >= pulse->reload_at_ms)
        reload(engine, now_ms);

    int64_t next_ms = pulse->is_beating ? INT64_MAX : pulse->beat_at_ms;
    bool is_waiting = pulse->is_registry_stale && !pulse->is_reloading;
    return is_waiting && pulse->reload_at_ms < next_ms ? pulse->reload_at_ms : next_ms;
}

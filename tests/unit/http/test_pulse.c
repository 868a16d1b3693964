/* The engine's own talk with the database: heartbeat and readiness, the clock, notifications of other
 * processes, the registry's reload, what is forgotten when the link was lost; and the metrics that show it.
 */
#include "engine_harness.h"

#include <time.h>

static struct reply nothing(struct request *req)
{
    (void)req;
    return reply_bytes(200, "application/json", SLICE("{}"));
}

static const struct binding bindings[] = {{"listThings", nothing},  {"createThing", nothing},
                                          {"getThing", nothing},    {"changeThing", nothing},
                                          {"trackThing", nothing},  {"removeThing", nothing},
                                          {"getPage", nothing},     {"createNumbered", nothing},
                                          {"getNumbered", nothing}, {NULL, NULL}};

static int start(void **state)
{
    (void)state;
    return harness_start(bindings);
}

static int end(void **state)
{
    clock_adjust(clock_now_us() - clock_offset_us()); /* other tests go by this machine's clock */
    return harness_end(state);
}

static void beat_with(int64_t now_us)
{
    struct rows rows = {1, {"now"}, {{INSTANT(now_us)}}};
    assert_int_equal(fake_job()->statement, SQL_HEARTBEAT);
    fake_answer(DB_OK, &rows);
}

static void reload_with(const char *text)
{
    struct rows rows = {1, {"registry"}, {{JSON(text)}}};
    assert_int_equal(fake_job()->statement, SQL_REGISTRY_LOAD);
    fake_answer(DB_OK, &rows);
}

/* The first turn: everything is new. */
static void settle(void)
{
    engine_turn(engine, clock_mono_ms());
    beat_with(clock_now_us());
    reload_with(registry_text);
    assert_null(fake_job());
}

static void is_ready_while_it_is_answered(void **state)
{
    (void)state;
    assert_false(engine_is_ready(engine));
    settle();
    assert_true(engine_is_ready(engine));
    int64_t now_ms = clock_mono_ms();
    engine_turn(engine, now_ms);
    assert_null(fake_job());
    engine_turn(engine, now_ms + settings.heartbeat_ms);
    fake_answer(DB_OVERLOADED, NULL); /* our queue is full: the database is there */
    assert_true(engine_is_ready(engine));
    engine_turn(engine, now_ms + 2 * settings.heartbeat_ms);
    fake_answer(DB_TIMEOUT, NULL);
    assert_false(engine_is_ready(engine));
    engine_turn(engine, now_ms + 3 * settings.heartbeat_ms);
    beat_with(clock_now_us());
    assert_true(engine_is_ready(engine));
}

static void is_not_ready_when_beats_stay_out(void **state)
{
    (void)state;
    settings.heartbeat_ms = 5;
    settle();
    assert_true(engine_is_ready(engine));
    struct timespec pause = {0, 30000000};
    nanosleep(&pause, NULL);
    assert_false(engine_is_ready(engine));
}

static void follows_the_database_clock(void **state)
{
    (void)state;
    settle();
    int64_t offset_us = clock_offset_us();
    uint64_t generation = cache_generation(shared->cache, SLICE("isfahan"), 1);

    pulse_notified(engine, "mosharekat_clock", "");
    engine_turn(engine, clock_mono_ms());
    beat_with(clock_now_us() + 2000); /* jitter */
    assert_true(clock_offset_us() == offset_us);

    pulse_notified(engine, "mosharekat_clock", "");
    engine_turn(engine, clock_mono_ms());
    beat_with(clock_now_us() + 30 * CLOCK_DAY_US);
    assert_true(clock_offset_us() > offset_us + 29 * CLOCK_DAY_US);
    assert_true(cache_generation(shared->cache, SLICE("isfahan"), 1) != generation);
}

static void reloads_the_registry(void **state)
{
    (void)state;
    settle();
    pulse_notified(engine, "mosharekat_policy", "");
    engine_turn(engine, clock_mono_ms());
    reload_with("[{\"id\":\"07000000-0000-0000-0000-000000000000\",\"slug\":\"tehran\",\"windows\":{},"
                "\"roles\":{}}]");
    struct registry *registry = registry_current(shared->registry);
    assert_non_null(registry_find(registry, SLICE("tehran")));
    assert_null(registry_find(registry, SLICE("isfahan")));
    registry_unref(registry);

    pulse_notified(engine, "mosharekat_policy", "");
    engine_turn(engine, clock_mono_ms());
    fake_answer(DB_TIMEOUT, NULL);
    registry = registry_current(shared->registry);
    assert_non_null(registry_find(registry, SLICE("tehran")));
    registry_unref(registry);
    engine_turn(engine, clock_mono_ms()); /* not at once */
    assert_null(fake_job());
    engine_turn(engine, clock_mono_ms() + 1100); /* with the next heartbeat */
    assert_int_equal(fake_job()->statement, SQL_HEARTBEAT);
    beat_with(clock_now_us());
    reload_with(registry_text);
}

static void forgets_when_the_link_was_lost(void **state)
{
    (void)state;
    settle();
    uint64_t generation = cache_generation(shared->cache, SLICE("isfahan"), 1);
    uint64_t keys = key_cache_generation(shared->keys);
    fake.reconnects++;
    engine_turn(engine, clock_mono_ms());
    assert_true(cache_generation(shared->cache, SLICE("isfahan"), 1) != generation);
    assert_true(key_cache_generation(shared->keys) != keys);
    beat_with(clock_now_us());
    reload_with(registry_text);

    fake.is_down = true;
    engine_turn(engine, clock_mono_ms());
    generation = cache_generation(shared->cache, SLICE("isfahan"), 1);
    engine_turn(engine, clock_mono_ms());
    assert_true(cache_generation(shared->cache, SLICE("isfahan"), 1) == generation);
    fake.is_down = false;
    engine_turn(engine, clock_mono_ms());
    assert_true(cache_generation(shared->cache, SLICE("isfahan"), 1) != generation);
}

/* --- drops of other processes ------------------------------------------------------------------ */

static uint64_t generation_of(const char *org, unsigned tag)
{
    return cache_generation(shared->cache, slice_of(org), tag);
}

static void hears_what_others_dropped(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        bool drafts, comments, semnan; /* of isfahan, of isfahan, drafts of semnan */
    } cases[] = {
        {"other;isfahan:drafts,", true, false, false},
        {"other;isfahan:drafts,isfahan:comments,", true, true, false},
        {"other;isfahan:drafts", true, false, false},
        {"other;:drafts,", true, false, true},
        {"other;*", true, true, true},
        {"other;", false, false, false},
        {"other;isfahan:unheard,", false, false, false},
        {"other;isfahan", false, false, false},
        {"no semicolon", false, false, false},
        {"", false, false, false},
        {";,,,:,", false, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t drafts = generation_of("isfahan", 1), comments = generation_of("isfahan", 2);
        uint64_t semnan = generation_of("semnan", 1);
        pulse_notified(engine, "mosharekat_cache", cases[i].payload);
        if ((generation_of("isfahan", 1) != drafts) != cases[i].drafts ||
            (generation_of("isfahan", 2) != comments) != cases[i].comments ||
            (generation_of("semnan", 1) != semnan) != cases[i].semnan)
            fail_msg("\"%s\"", cases[i].payload);
    }
    char own[64];
    uint64_t drafts = generation_of("isfahan", 1);
    snprintf(own, sizeof own, "%s;*", shared->instance);
    pulse_notified(engine, "mosharekat_cache", own);
    assert_true(generation_of("isfahan", 1) == drafts);
}

static void gathers_drops(void **state)
{
    (void)state;
    struct drops drops;
    struct buffer out;
    drops_init(&drops);
    buffer_init(&out, 7000);
    settle();
    drops_add(engine, "isfahan", 2);
    drops_add(engine, "semnan", 4);
    drops_add(engine, "isfahan", 4);
    drops_write(&engine->drops, "me", &out);
    assert_true(slice_is(buffer_view(&out), "me;isfahan:drafts,isfahan:comments,semnan:comments,"));

    int64_t now_ms = clock_mono_ms();
    engine_turn(engine, now_ms);
    assert_int_equal(fake_job()->statement, SQL_CACHE_NOTIFY);
    drops_add(engine, "isfahan", 2);
    engine_turn(engine, now_ms + 10);
    fake_answer(DB_OK, &(struct rows){1, {"sent"}, {{TEXT("")}}});
    assert_null(fake_job());
    assert_true(engine_turn(engine, now_ms + 20) <= now_ms + 50);
    assert_null(fake_job()); /* one in 50 ms */
    engine_turn(engine, now_ms + 51);
    assert_int_equal(fake_job()->statement, SQL_CACHE_NOTIFY);
    fake_answer(DB_FAILED, NULL);

    for (unsigned i = 0; i < DROPS_MAX + 1; i++) {
        char org[16];
        snprintf(org, sizeof org, "org-%u", i);
        drops_add(engine, org, 2);
    }
    buffer_clear(&out);
    drops_write(&engine->drops, "me", &out);
    assert_true(slice_is(buffer_view(&out), "me;*"));
    buffer_done(&out);
    drops_done(&drops);
}

static void shows_metrics(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "mosharekat_requests_total{operation=\"getPage\",status=\"200\"} 2\n",
        "mosharekat_requests_total{operation=\"none\",status=\"404\"} 1\n",
        "mosharekat_request_seconds_count{operation=\"getPage\"} 2\n",
        "mosharekat_request_seconds_bucket{operation=\"getPage\",le=\"+Inf\"} 2\n",
        "mosharekat_database_queue 0\n",
        "mosharekat_engines_ready 1\n",
        "mosharekat_database_jobs_total{lane=\"write\"} 0\n",
        "mosharekat_write_batch_size_bucket{le=\"+Inf\"} 0\n",
        "mosharekat_cache_hits_total 0\n",
        "mosharekat_rate_limited_total 0\n",
        "mosharekat_clock_offset_seconds ",
    };
    struct buffer out;
    settle();
    call_end(call_begin(&(struct call_facts){METHOD_GET, "/v1/page"}));
    call_end(call_begin(&(struct call_facts){METHOD_GET, "/v1/page"}));
    call_end(call_begin(&(struct call_facts){METHOD_GET, "/nothing"}));
    engine_turn(engine, clock_mono_ms() + 300);
    buffer_init(&out, 1 << 20);
    shared_metrics(shared, &out);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (!strstr(out.data, wanted[i]))
            fail_msg("%s is not in\n%s", wanted[i], out.data);
    assert_null(strstr(out.data, "createThing"));
    buffer_done(&out);
}

static void checks_bindings(void **state)
{
    (void)state;
    static const struct binding wrong[] = {{"listThings", nothing}, {"noSuchThing", nothing}, {NULL, NULL}};
    FILE *sink = fopen("/dev/null", "w");
    assert_int_equal(server_check_bindings(contract, bindings, sink), 0);
    assert_int_equal(server_check_bindings(contract, wrong, sink), 9);
    fclose(sink);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(is_ready_while_it_is_answered),
        TEST(is_not_ready_when_beats_stay_out),
        TEST(follows_the_database_clock),
        TEST(reloads_the_registry),
        TEST(forgets_when_the_link_was_lost),
        TEST(hears_what_others_dropped),
        TEST(gathers_drops),
        TEST(shows_metrics),
        TEST(checks_bindings),
    };
    log_start(LOG_ERROR_LEVEL, 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

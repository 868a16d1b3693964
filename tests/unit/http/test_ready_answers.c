/* Ready answers: what is kept, for whom, what drops it, and that a write which committed while the rows were
 * on their way wins. */
#include "engine_harness.h"

#define THINGS "/v1/orgs/isfahan/things"

static struct reply list(struct request *req)
{
    return listed(req, SQL_KEY_LIST, as_limit(req));
}

static struct reply create(struct request *req)
{
    return created(req, SQL_KEY_REVOKE, as_body(req));
}

static struct reply unasked(struct request *req)
{
    (void)req;
    return refused(not_found);
}

static const struct binding bindings[] = {{"listThings", list},     {"createThing", create},
                                          {"getThing", unasked},    {"changeThing", unasked},
                                          {"trackThing", unasked},  {"removeThing", unasked},
                                          {"getPage", unasked},     {"createNumbered", unasked},
                                          {"getNumbered", unasked}, {NULL, NULL}};

static int start(void **state)
{
    (void)state;
    return harness_start(bindings);
}

/* Begins, answers the one job, returns the answered call. */
static struct call *call_with(const struct call_facts *facts, enum db_outcome outcome,
                              const struct rows *rows)
{
    struct call *call = call_begin(facts);
    assert_false(call->exchange.is_answered);
    fake_answer(outcome, rows);
    return call;
}

static const struct call_facts listing = {METHOD_GET, THINGS};

static void expect_cached(const struct call_facts *facts, bool is_cached)
{
    struct rows rows = {1, {"n"}, {{NUMBER(1)}}};
    struct call *call = call_begin(facts);
    assert_true(call->exchange.is_answered == is_cached);
    if (!is_cached)
        fake_answer(DB_OK, &rows);
    assert_string_equal(answer_text(call), "{\"items\":[{\"n\":1}],\"next\":null}");
    assert_string_equal(answer_value(call, "Vary"), "Authorization, Prefer");
    assert_int_equal(answer_value(call, "ETag")[1], 'h');
    call_end(call);
}

static void write_one(const struct rows *rows, enum db_outcome outcome)
{
    struct call_facts facts = {
        METHOD_POST, THINGS, "{\"title\":\"a\"}", {"Content-Type", "application/json"}};
    call_end(call_with(&facts, outcome, rows));
}

static void answers_from_the_cache(void **state)
{
    (void)state;
    expect_cached(&listing, false);
    expect_cached(&listing, true);
    expect_cached(&(struct call_facts){METHOD_HEAD, THINGS}, true);
    expect_cached(&(struct call_facts){METHOD_GET, THINGS "?limit=5"}, false);
    expect_cached(&(struct call_facts){METHOD_GET, THINGS, .headers = {"Prefer", "count=x"}}, false);

    struct call *call = call_begin(&listing);
    const char *etag = arena_strdup(&call->exchange.request.arena, answer_value(call, "ETag"));
    struct call *again =
        call_begin(&(struct call_facts){METHOD_GET, THINGS, .headers = {"If-None-Match", etag}});
    assert_string_equal(call_verdict(again), "304");
    assert_string_equal(answer_value(again, "ETag"), etag);
    assert_null(answer_value(again, "Content-Type"));
    call_end(again);
    call_end(call);
}

static void drops_what_a_write_made_stale(void **state)
{
    (void)state;
    expect_cached(&listing, false);
    write_one(&(struct rows){1, {"id"}, {{UUID(5)}}}, DB_OK);
    expect_cached(&listing, false);
    /* refusals, failures and writes that nobody can see drop nothing */
    write_one(&(struct rows){1, {"_problem"}, {{TEXT("window_closed")}}}, DB_OK);
    write_one(&(struct rows){1, {"id", "_public"}, {{UUID(5), TRUTH(false)}}}, DB_OK);
    write_one(NULL, DB_TIMEOUT);
    expect_cached(&listing, true);
    write_one(NULL, DB_UNKNOWN);
    expect_cached(&listing, false);

    engine_turn(engine, 1000);
    while (fake_job() && fake_job()->statement != SQL_CACHE_NOTIFY)
        fake.answered++; /* the engine's own */
    assert_non_null(fake_job());
    char told[64];
    snprintf(told, sizeof told, "%s;isfahan:drafts,", shared->instance);
    assert_true(slice_is(fake_job()->params[0].bytes, told));
}

static void lets_a_write_on_the_way_win(void **state)
{
    (void)state;
    struct call *reading = call_begin(&listing);
    struct call_facts facts = {
        METHOD_POST, THINGS, "{\"title\":\"a\"}", {"Content-Type", "application/json"}};
    struct call *writing = call_begin(&facts);
    fake.answered++; /* the write's answer comes first */
    fake_answer(DB_OK, &(struct rows){1, {"id"}, {{UUID(5)}}});
    call_end(writing);
    fake.answered = 0;
    fake_answer(DB_OK, &(struct rows){1, {"n"}, {{NUMBER(0)}}});
    call_end(reading);
    fake.answered = 2;
    expect_cached(&listing, false);
}

static void minds_the_end_of_a_row(void **state)
{
    (void)state;
    struct rows rows = {2, {"n", "_until"}, {{NUMBER(1), NOTHING}, {NUMBER(2), INSTANT(clock_now_us() - 1)}}};
    call_end(call_with(&listing, DB_OK, &rows));
    call_end(call_with(&listing, DB_OK, &rows));
    rows.cells[1][1] = INSTANT(clock_now_us() + CLOCK_DAY_US);
    call_end(call_with(&listing, DB_OK, &rows));
    struct call *call = call_begin(&listing);
    assert_true(call->exchange.is_answered);
    call_end(call);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, harness_end)
    const struct CMUnitTest tests[] = {
        TEST(answers_from_the_cache),
        TEST(drops_what_a_write_made_stale),
        TEST(lets_a_write_on_the_way_win),
        TEST(minds_the_end_of_a_row),
    };
    log_start(LOG_ERROR_LEVEL, 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

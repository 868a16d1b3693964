/* Rate limits: burst, refill, who shares a bucket with whom, and what the client is told. Time is an
 * argument. */
#include "unit.h"

#include "base/macros.h"
#include "ratelimit.h"

#define SECOND INT64_C(1000000)

static const int64_t per_minute[RATE_COUNT] = {
    [RATE_READ] = 1200, [RATE_SUBMIT] = 60, [RATE_TRACK] = 30,     [RATE_STAFF] = 100000000,
    [RATE_VOTE] = 600,  [RATE_DENIED] = 2,  [RATE_TRACK_ALL] = 120};

static int start(void **state)
{
    *state = ratelimit_new(per_minute);
    return 0;
}

static int end(void **state)
{
    ratelimit_free(*state);
    return 0;
}

static void allows_a_quarter_at_once(void **state)
{
    for (unsigned i = 0; i < 15; i++) {
        struct rate_verdict verdict = ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), SECOND);
        assert_true(verdict.is_allowed);
        assert_int_equal(verdict.limit, 15);
        assert_int_equal(verdict.remaining, 14 - i);
        assert_int_equal(verdict.reset_s, i + 1);
    }
    struct rate_verdict verdict = ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), SECOND);
    assert_false(verdict.is_allowed);
    assert_int_equal(verdict.remaining, 0);
    assert_int_equal(verdict.retry_s, 1);
    assert_int_equal(verdict.reset_s, 15);
}

static void refills_evenly(void **state)
{
    for (unsigned i = 0; i < 15; i++)
        assert_true(ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), SECOND).is_allowed);
    assert_false(ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), 2 * SECOND - 1).is_allowed);
    assert_true(ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), 2 * SECOND).is_allowed);
    assert_false(ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), 2 * SECOND).is_allowed);
    /* A refusal costs nothing. */
    assert_true(ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), 3 * SECOND).is_allowed);
    /* However long it rests, a bucket holds one burst. */
    for (unsigned i = 0; i < 15; i++)
        assert_true(ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), 1000 * SECOND).is_allowed);
    assert_false(ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), 1000 * SECOND).is_allowed);
}

static void keeps_the_minute(void **state)
{
    unsigned allowed = 0;
    for (int64_t now = SECOND; now < 601 * SECOND; now += SECOND / 20)
        allowed += ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), now).is_allowed;
    assert_in_range(allowed, 600, 615);
}

static void has_a_burst_of_one_at_least(void **state)
{
    assert_true(ratelimit_take(*state, RATE_DENIED, SLICE("a"), SECOND).is_allowed);
    struct rate_verdict verdict = ratelimit_take(*state, RATE_DENIED, SLICE("a"), SECOND);
    assert_false(verdict.is_allowed);
    assert_int_equal(verdict.retry_s, 30);
}

static void tells_apart(void **state)
{
    assert_true(ratelimit_take(*state, RATE_DENIED, SLICE("a"), SECOND).is_allowed);
    assert_true(ratelimit_take(*state, RATE_DENIED, SLICE("b"), SECOND).is_allowed);
    assert_true(ratelimit_take(*state, RATE_DENIED, SLICE(""), SECOND).is_allowed);
    assert_true(ratelimit_take(*state, RATE_SUBMIT, SLICE("a"), SECOND).is_allowed);
    assert_false(ratelimit_take(*state, RATE_DENIED, SLICE("a"), SECOND).is_allowed);
}

static void looks_without_taking(void **state)
{
    for (unsigned i = 0; i < 10; i++)
        assert_true(ratelimit_look(*state, RATE_DENIED, SLICE("a"), SECOND).is_allowed);
    assert_true(ratelimit_take(*state, RATE_DENIED, SLICE("a"), SECOND).is_allowed);
    assert_false(ratelimit_look(*state, RATE_DENIED, SLICE("a"), SECOND).is_allowed);
}

static void knows_networks(void **state)
{
    (void)state;
    struct slice v4 = {"\x7f\x00\x00\x01", 4};
    struct slice v6 = {"\x20\x01\x0d\xb8\x00\x01\x00\x02\x11\x22\x33\x44\x55\x66\x77\x88", 16};
    struct slice mapped = {"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x7f\x00\x00\x01", 16};
    assert_true(slice_equal(ratelimit_network(v4), v4));
    assert_true(slice_equal(ratelimit_network(mapped), v4));
    assert_true(slice_equal(ratelimit_network(v6), (struct slice){v6.data, 8}));
    assert_int_equal(ratelimit_network((struct slice){"", 0}).len, 0);
}

/* Far more strangers than slots: the one who asks all the time is still limited. */
static void survives_a_crowd(void **state)
{
    unsigned allowed = 0;
    for (uint32_t i = 0; i < 200000; i++) {
        int64_t now = SECOND + i;
        (void)ratelimit_take(*state, RATE_READ, (struct slice){(const char *)&i, sizeof i}, now);
        if (i % 100 == 0)
            allowed += ratelimit_take(*state, RATE_SUBMIT, SLICE("busy"), now).is_allowed;
    }
    assert_in_range(allowed, 15, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(allows_a_quarter_at_once, start, end),
        cmocka_unit_test_setup_teardown(refills_evenly, start, end),
        cmocka_unit_test_setup_teardown(keeps_the_minute, start, end),
        cmocka_unit_test_setup_teardown(has_a_burst_of_one_at_least, start, end),
        cmocka_unit_test_setup_teardown(tells_apart, start, end),
        cmocka_unit_test_setup_teardown(looks_without_taking, start, end),
        cmocka_unit_test(knows_networks),
        cmocka_unit_test_setup_teardown(survives_a_crowd, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

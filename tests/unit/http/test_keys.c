/* The key cache: known, refused, unseen; expiry; clearing, also against an answer that was on its way. */
#include "unit.h"

#include "keys.h"

struct fixture {
    struct key_cache *cache;
    struct arena arena;
};

static int start(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->cache = key_cache_new();
    arena_init(&fixture->arena, 4096);
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    key_cache_free(fixture->cache);
    arena_done(&fixture->arena);
    free(fixture);
    return 0;
}

static const struct principal clerk = {
    .key_id = {{7}}, .org_id = {{9}}, .roles = {"expert", "moderator"}, .role_count = 2};
static const uint8_t hash[DIGEST_LEN] = {1, 2, 3};
static const uint8_t other[DIGEST_LEN] = {1, 2, 4};

static enum key_state find(struct fixture *fixture, const uint8_t which[DIGEST_LEN], struct principal *ret)
{
    return key_cache_find(fixture->cache, which, &fixture->arena, ret);
}

static void remembers(void **state)
{
    struct fixture *fixture = *state;
    struct principal found;
    assert_int_equal(find(fixture, hash, &found), KEY_UNSEEN);
    key_cache_put(fixture->cache, hash, &clerk, INT64_MAX, key_cache_generation(fixture->cache));
    key_cache_put(fixture->cache, other, NULL, INT64_MAX, key_cache_generation(fixture->cache));
    assert_int_equal(find(fixture, hash, &found), KEY_KNOWN);
    assert_true(uuid_equal(found.key_id, clerk.key_id));
    assert_int_equal(found.role_count, 2);
    assert_string_equal(found.roles[0], "expert");
    assert_string_equal(found.roles[1], "moderator");
    assert_null(found.roles[2]);
    assert_int_equal(find(fixture, other, &found), KEY_REFUSED);
}

static void minds_the_end_of_a_key(void **state)
{
    struct fixture *fixture = *state;
    struct principal found;
    key_cache_put(fixture->cache, hash, &clerk, clock_now_us() - 1, key_cache_generation(fixture->cache));
    assert_int_equal(find(fixture, hash, &found), KEY_REFUSED);
    key_cache_put(fixture->cache, hash, &clerk, clock_now_us() + CLOCK_DAY_US,
                  key_cache_generation(fixture->cache));
    assert_int_equal(find(fixture, hash, &found), KEY_KNOWN);
}

static void forgets_on_request(void **state)
{
    struct fixture *fixture = *state;
    struct principal found;
    uint64_t before = key_cache_generation(fixture->cache);
    key_cache_put(fixture->cache, hash, &clerk, INT64_MAX, before);
    key_cache_clear(fixture->cache);
    assert_int_equal(find(fixture, hash, &found), KEY_UNSEEN);
    /* Asked before the revocation, answered after it. */
    key_cache_put(fixture->cache, hash, &clerk, INT64_MAX, before);
    assert_int_equal(find(fixture, hash, &found), KEY_UNSEEN);
}

static void is_bounded(void **state)
{
    struct fixture *fixture = *state;
    struct principal found;
    key_cache_put(fixture->cache, hash, &clerk, INT64_MAX, key_cache_generation(fixture->cache));
    /* A guesser fills the same set with refusals: they push out one another, not the key that is in use. */
    for (uint32_t i = 0; i < 10000; i++) {
        uint8_t guess[DIGEST_LEN] = {1, 9};
        memcpy(guess + 4, &i, sizeof i);
        key_cache_put(fixture->cache, guess, NULL, INT64_MAX, key_cache_generation(fixture->cache));
    }
    assert_int_equal(find(fixture, hash, &found), KEY_KNOWN);
}

static void looks_up_what_does_not_fit(void **state)
{
    struct fixture *fixture = *state;
    struct principal found, big = {.role_count = 2};
    char name[400];
    memset(name, 'r', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    big.roles[0] = big.roles[1] = name;
    key_cache_put(fixture->cache, hash, &big, INT64_MAX, key_cache_generation(fixture->cache));
    assert_int_equal(find(fixture, hash, &found), KEY_UNSEEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(remembers, start, end),
        cmocka_unit_test_setup_teardown(minds_the_end_of_a_key, start, end),
        cmocka_unit_test_setup_teardown(forgets_on_request, start, end),
        cmocka_unit_test_setup_teardown(is_bounded, start, end),
        cmocka_unit_test_setup_teardown(looks_up_what_does_not_fit, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

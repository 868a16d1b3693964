/* The response cache: what makes an entry wrong, what makes it go, and that a write which was committed while
 * the rows were on their way wins. */
#include "unit.h"

#include "cache.h"

static const struct slice isfahan = {"isfahan", 7}, semnan = {"semnan", 6}, nowhere = {"", 0};
static const struct cache_now now = {1000, 1000};
static const struct cache_now later = {5000, 5000};

static struct cache_key key_of(const char *path)
{
    return (struct cache_key){slice_of(path), SLICE("limit=2")};
}

static void put(struct cache *cache, const char *path, const char *text, const struct cache_life *life)
{
    struct cached cached = {.media_type = "application/json", .etag = "\"1\"", .link = "</x>"};
    cache_pack(&cached, strdup(text), strlen(text));
    cache_put(cache, key_of(path), &cached, life);
    content_unref(cached.content);
}

static struct cache_life life_in(const struct cache *cache, struct slice org, unsigned tag)
{
    return (struct cache_life){org, tag, cache_generation(cache, org, tag), later};
}

/* Whether the cache has `text` for `path`; NULL: anything. */
static bool has(struct cache *cache, const char *path, const char *text)
{
    struct cached cached;
    if (!cache_find(cache, key_of(path), now, &cached))
        return false;
    bool is_same = !text || slice_is((struct slice){cached.content->data, cached.content->len}, text);
    assert_string_equal(cached.media_type, "application/json");
    assert_string_equal(cached.etag, "\"1\"");
    assert_string_equal(cached.link, "</x>");
    content_unref(cached.content);
    return is_same;
}

static int start(void **state)
{
    *state = cache_new(1 << 20);
    return 0;
}

static int end(void **state)
{
    cache_free(*state);
    return 0;
}

static void finds_what_was_put(void **state)
{
    struct cache *cache = *state;
    struct cache_life life = life_in(cache, isfahan, 1);
    put(cache, "/a", "first", &life);
    assert_true(has(cache, "/a", "first"));
    assert_false(has(cache, "/b", NULL));
    put(cache, "/a", "second", &life);
    assert_true(has(cache, "/a", "second"));

    struct cached cached;
    assert_false(cache_find(cache, (struct cache_key){SLICE("/a"), SLICE("limit=3")}, now, &cached));
    assert_false(cache_find(cache, (struct cache_key){SLICE("/alimit="), SLICE("2")}, now, &cached));
    struct cache_stats stats = cache_stats(cache);
    assert_int_equal(stats.hits, 2);
    assert_int_equal(stats.misses, 3);
    assert_int_equal(stats.entries, 1);
}

static void keeps_content_that_somebody_holds(void **state)
{
    struct cache *cache = *state;
    struct cache_life life = life_in(cache, isfahan, 1);
    struct cached cached;
    put(cache, "/a", "first", &life);
    assert_true(cache_find(cache, key_of("/a"), now, &cached));
    put(cache, "/a", "second", &life);
    assert_true(slice_is((struct slice){cached.content->data, cached.content->len}, "first"));
    assert_string_equal(cached.etag, "\"1\"");
    content_unref(cached.content);
}

static void ends_by_either_clock(void **state)
{
    struct cache *cache = *state;
    struct cache_life life = life_in(cache, isfahan, 1);
    struct cached cached;
    put(cache, "/a", "x", &life);
    assert_false(cache_find(cache, key_of("/a"), (struct cache_now){5000, 1000}, &cached));
    put(cache, "/a", "x", &life);
    assert_false(cache_find(cache, key_of("/a"), (struct cache_now){1000, 5000}, &cached));
    assert_int_equal(cache_stats(cache).entries, 0);
}

static void is_dropped_by_tag_and_organisation(void **state)
{
    struct cache *cache = *state;
    struct cache_life lives[] = {life_in(cache, isfahan, 1), life_in(cache, isfahan, 2),
                                 life_in(cache, semnan, 1), life_in(cache, nowhere, 1)};
    static const char *const paths[] = {"/i1", "/i2", "/s1", "/all1"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        put(cache, paths[i], "x", &lives[i]);

    cache_drop(cache, isfahan, UINT64_C(1) << 1);
    assert_false(has(cache, "/i1", NULL));
    assert_true(has(cache, "/i2", NULL));
    assert_true(has(cache, "/s1", NULL));
    assert_false(has(cache, "/all1", NULL));

    cache_drop(cache, nowhere, UINT64_C(1) << 2 | UINT64_C(1) << 1);
    assert_false(has(cache, "/i2", NULL));
    assert_false(has(cache, "/s1", NULL));
}

/* Submitted, then the write commits and drops, then the old rows arrive. */
static void a_write_on_the_way_wins(void **state)
{
    struct cache *cache = *state;
    struct cache_life before = life_in(cache, isfahan, 1);
    cache_drop(cache, isfahan, UINT64_C(1) << 1);
    put(cache, "/a", "old rows", &before);
    assert_false(has(cache, "/a", NULL));
    struct cache_life after = life_in(cache, isfahan, 1);
    put(cache, "/a", "new rows", &after);
    assert_true(has(cache, "/a", "new rows"));
}

static void is_cleared(void **state)
{
    struct cache *cache = *state;
    struct cache_life life = life_in(cache, semnan, 3);
    put(cache, "/a", "x", &life);
    cache_clear(cache);
    assert_false(has(cache, "/a", NULL));
    put(cache, "/a", "late", &life);
    assert_false(has(cache, "/a", NULL));
}

static void forgets_what_was_used_longest_ago(void **state)
{
    (void)state;
    struct cache *cache = cache_new(16384);
    struct cache_life life = life_in(cache, isfahan, 1);
    char text[1001], path[16];
    memset(text, 'x', 1000);
    text[1000] = '\0';
    for (unsigned i = 0; i < 100; i++) {
        snprintf(path, sizeof path, "/%u", i);
        put(cache, path, text, &life);
        assert_true(has(cache, "/0", NULL)); /* used all the time */
        assert_in_range(cache_stats(cache).bytes, 0, 16384);
    }
    assert_true(has(cache, "/99", NULL));
    assert_false(has(cache, "/50", NULL));
    assert_in_range(cache_stats(cache).entries, 8, 16);
    cache_free(cache);
}

static void takes_nothing_that_does_not_fit(void **state)
{
    (void)state;
    struct cache *none = cache_new(0);
    struct cache_life life = life_in(none, isfahan, 1);
    put(none, "/a", "x", &life);
    assert_false(has(none, "/a", NULL));
    cache_free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_what_was_put, start, end),
        cmocka_unit_test_setup_teardown(keeps_content_that_somebody_holds, start, end),
        cmocka_unit_test_setup_teardown(ends_by_either_clock, start, end),
        cmocka_unit_test_setup_teardown(is_dropped_by_tag_and_organisation, start, end),
        cmocka_unit_test_setup_teardown(a_write_on_the_way_wins, start, end),
        cmocka_unit_test_setup_teardown(is_cleared, start, end),
        cmocka_unit_test(forgets_what_was_used_longest_ago),
        cmocka_unit_test(takes_nothing_that_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

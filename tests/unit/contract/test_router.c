/* Paths and methods to operations: precedence, backtracking, the 405 sets, and random paths against a plain
 * reading of the same table. */
#include "unit.h"

#include "router.h"

#include <string.h>

#define GET_SET (1u << METHOD_GET | 1u << METHOD_HEAD | 1u << METHOD_OPTIONS)

static const struct operation routes[] = {
    {.id = "root", .path = "/", .method = METHOD_GET},
    {.id = "a", .path = "/a", .method = METHOD_GET},
    {.id = "a_post", .path = "/a", .method = METHOD_POST},
    {.id = "a_x", .path = "/a/{x}", .method = METHOD_DELETE},
    {.id = "a_c", .path = "/a/c", .method = METHOD_GET},
    {.id = "a_x_b", .path = "/a/{x}/b", .method = METHOD_GET},
    {.id = "a_c_d", .path = "/a/c/d", .method = METHOD_PUT},
    {.id = "deep", .path = "/a/{w}/{x}/{y}/{z}", .method = METHOD_GET},
    {.id = "a_x_b_e", .path = "/a/{x}/b/e", .method = METHOD_PATCH},
    {.id = "p_q", .path = "/{p}/{q}", .method = METHOD_GET},
};

static struct arena arena;
static struct route_node *router;

static int build(void **state)
{
    (void)state;
    arena_init(&arena, 4096);
    router = router_new(&arena);
    for (size_t i = 0; i < ARRAY_LEN(routes); i++)
        router_add_operation(router_add_path(&arena, router, routes[i].path), &routes[i]);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

struct route_case {
    enum http_method method;
    const char *path, *id; /* id NULL: no method; "": no path */
    const char *values;    /* joined with spaces */
};

static void run_case(const struct route_case *wanted)
{
    struct route_match match = {.allowed = 77};
    char values[256] = "";

    enum route_result result = router_match(router, wanted->method, slice_of(wanted->path), &match);
    if (wanted->id && wanted->id[0] == '\0') {
        assert_int_equal(result, ROUTE_NO_PATH);
        assert_int_equal(match.allowed, 77);
        return;
    }
    for (size_t i = 0; i < ROUTE_VALUES_MAX && match.values[i].data; i++)
        snprintf(values + strlen(values), sizeof values - strlen(values), "%s%.*s", i > 0 ? " " : "",
                 (int)match.values[i].len, match.values[i].data);
    assert_int_equal(result, wanted->id ? ROUTE_FOUND : ROUTE_NO_METHOD);
    assert_string_equal(wanted->id ? match.operation->id : "none", wanted->id ? wanted->id : "none");
    assert_string_equal(values, wanted->values);
}

static void a_static_segment_beats_a_parameter(void **state)
{
    static const struct route_case cases[] = {
        {METHOD_GET, "/", "root", ""},         {METHOD_GET, "/a", "a", ""},
        {METHOD_GET, "/a/c", "a_c", ""},       {METHOD_DELETE, "/a/c", NULL, ""}, /* /a/c is its own path */
        {METHOD_DELETE, "/a/cc", "a_x", "cc"}, {METHOD_GET, "/b/c", "p_q", "b c"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        run_case(&cases[i]);
}

static void a_dead_end_goes_back_to_the_parameter(void **state)
{
    static const struct route_case cases[] = {
        {METHOD_PUT, "/a/c/d", "a_c_d", ""},           {METHOD_GET, "/a/c/b", "a_x_b", "c"},
        {METHOD_GET, "/a/c/d/e/f", "deep", "c d e f"}, {METHOD_GET, "/a/c/b/f/g", "deep", "c b f g"},
        {METHOD_PATCH, "/a/c/b/e", "a_x_b_e", "c"},    {METHOD_GET, "/a/1/2/3/4", "deep", "1 2 3 4"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        run_case(&cases[i]);
}

static void other_paths_are_not_found(void **state)
{
    static const char *const paths[] = {
        "",      "a",     "//",           "/a/",       "/a//b", "/z",           "/a/c/d/e", "/a/1/2",
        "/A/c/", "/a/c/", "/a/1/2/3/4/5", "/a/1//3/4", "*",     "http://h/a/c", "/{p}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        run_case(&(struct route_case){METHOD_GET, paths[i], "", ""});
}

static void head_finds_the_get_and_options_is_allowed(void **state)
{
    struct route_match match;

    (void)state;
    run_case(&(struct route_case){METHOD_HEAD, "/a/c", "a_c", ""});
    run_case(&(struct route_case){METHOD_HEAD, "/a/1", NULL, "1"});
    run_case(&(struct route_case){METHOD_OPTIONS, "/a/c", NULL, ""});

    assert_int_equal(router_match(router, METHOD_PUT, SLICE("/a"), &match), ROUTE_NO_METHOD);
    assert_null(match.operation);
    assert_int_equal(match.allowed, GET_SET | 1u << METHOD_POST);
    assert_int_equal(router_match(router, METHOD_GET, SLICE("/a/1"), &match), ROUTE_NO_METHOD);
    assert_int_equal(match.allowed, 1u << METHOD_DELETE | 1u << METHOD_OPTIONS);
    assert_int_equal(router_match(router, METHOD_GET, SLICE("/a/c"), &match), ROUTE_FOUND);
    assert_int_equal(match.allowed, GET_SET);
}

static void two_paths_of_one_shape_share_their_place(void **state)
{
    struct arena other;

    (void)state;
    arena_init(&other, 4096);
    struct route_node *root = router_new(&other);
    struct route_node *place = router_add_path(&other, root, "/a/{x}/b");
    assert_ptr_equal(router_add_path(&other, root, "/a/{y}/b"), place);
    assert_string_equal(router_path(place), "/a/{x}/b");
    assert_ptr_not_equal(router_add_path(&other, root, "/a/{y}/c"), place);
    arena_done(&other);
}

/* One pattern read segment by segment; the number of parameters met before the first static one decides. */
static bool fits(const char *pattern, const char *path)
{
    while (*pattern && *path) {
        size_t pattern_len = strcspn(pattern + 1, "/") + 1, path_len = strcspn(path + 1, "/") + 1;
        bool is_parameter = pattern[1] == '{';
        if (is_parameter ? path_len == 1 : pattern_len != path_len || memcmp(pattern, path, path_len) != 0)
            return false;
        pattern += pattern_len;
        path += path_len;
    }
    return *pattern == *path;
}

/* True if `a` has a static segment at the first place where one of the two has one and the other has not. */
static bool is_preferred(const char *a, const char *b)
{
    while (*a && *b) {
        if ((a[1] == '{') != (b[1] == '{'))
            return b[1] == '{';
        a += strcspn(a + 1, "/") + 1;
        b += strcspn(b + 1, "/") + 1;
    }
    return false;
}

static const char *expected_path(const char *path)
{
    const char *best = NULL;

    for (size_t i = 0; i < ARRAY_LEN(routes); i++)
        if (fits(routes[i].path, path) && (!best || is_preferred(routes[i].path, best)))
            best = routes[i].path;
    return best;
}

static void random_paths_match_as_a_plain_reading_does(void **state)
{
    static const char *const words[] = {"a", "b", "c", "d", "e", "", "aa"};
    unsigned seed = 20261201;
    size_t found = 0;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        char path[32] = "";
        int segments = 1 + rand_r(&seed) % 5;
        for (int i = 0; i < segments; i++) {
            strcat(path, "/");
            strcat(path, words[(size_t)rand_r(&seed) % ARRAY_LEN(words)]);
        }
        struct route_match match;
        const char *expected = expected_path(path);
        enum route_result result = router_match(router, METHOD_GET, slice_of(path), &match);
        if ((result == ROUTE_NO_PATH) != !expected)
            fail_msg("%s: %d, expected %s", path, (int)result, expected ? expected : "nothing");
        if (result == ROUTE_FOUND && strcmp(match.operation->path, expected) != 0)
            fail_msg("%s: %s, expected %s", path, match.operation->path, expected);
        found += result == ROUTE_FOUND;
    }
    assert_true(found > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_static_segment_beats_a_parameter),
        cmocka_unit_test(a_dead_end_goes_back_to_the_parameter),
        cmocka_unit_test(other_paths_are_not_found),
        cmocka_unit_test(head_finds_the_get_and_options_is_allowed),
        cmocka_unit_test(two_paths_of_one_shape_share_their_place),
        cmocka_unit_test(random_paths_match_as_a_plain_reading_does),
    };
    return cmocka_run_group_tests(tests, build, drop);
}

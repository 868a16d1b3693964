/* The raw query: splitting and decoding, as tables. */
#include "unit.h"

#include "query.h"

static void check_split(const char *query, const char *wanted)
{
    char seen[512] = "";
    struct slice rest = slice_of(query);
    struct query_pair pair;
    while (query_next(&rest, &pair)) {
        size_t len = strlen(seen);
        snprintf(seen + len, sizeof seen - len, "[%.*s|%.*s]", (int)pair.name.len, pair.name.data,
                 (int)pair.value.len, pair.value.data);
    }
    assert_string_equal(seen, wanted);
}

static void splits(void **state)
{
    (void)state;
    check_split("", "");
    check_split("a=1", "[a|1]");
    check_split("a=1&b=2", "[a|1][b|2]");
    check_split("a", "[a|]");
    check_split("a=", "[a|]");
    check_split("=1", "[|1]");
    check_split("a=1=2", "[a|1=2]");
    check_split("&&a=1&&&b&", "[a|1][b|]");
    check_split("&", "");
    check_split("a%3d=1;b", "[a%3d|1;b]");
}

static const struct {
    const char *text;
    bool plus_is_blank;
    const char *wanted; /* NULL: refused */
} rows[] = {
    {"", true, ""},         {"plain", true, "plain"}, {"a+b", true, "a b"},   {"a+b", false, "a+b"},
    {"a%2Bb", true, "a+b"}, {"%41%7a", true, "Az"},   {"%d9%85", true, "م"},  {"%D9%85", false, "م"},
    {"م", true, "م"},       {"%", true, NULL},        {"%4", true, NULL},     {"a%4", true, NULL},
    {"%zz", true, NULL},    {"%4g", true, NULL},      {"%-1", true, NULL},    {"%00", true, NULL},
    {"a%00b", true, NULL},  {"%ff", true, NULL},      {"%c0%80", true, NULL}, {"%ed%a0%80", true, NULL},
    {"%d9", true, NULL},    {"\xff", true, NULL},     {"%25", true, "%"},     {"%2541", true, "%41"},
};

static void decodes(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct slice decoded = SLICE("untouched");
        bool is_good = query_decode(&arena, slice_of(rows[i].text), rows[i].plus_is_blank, &decoded);
        if (is_good != (rows[i].wanted != NULL))
            fail_msg("\"%s\"", rows[i].text);
        assert_true(slice_is(decoded, rows[i].wanted ? rows[i].wanted : "untouched"));
    }
    assert_false(query_decode(&arena, (struct slice){"a\0b", 3}, true, &(struct slice){0}));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(splits), cmocka_unit_test(decodes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* YAML documents as JSON: what scalars mean, where values stand, and what is refused with its line. */
#include "unit.h"

#include "contract/document.h"

#include <string.h>

static struct document *read_fine(const char *yaml)
{
    struct contract_error error = {0};
    struct document *document = document_read(slice_of(yaml), &error);

    if (!document)
        fail_msg("line %u: %s", error.line, error.text);
    return document;
}

static void plain_scalars_follow_the_core_schema(void **state)
{
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        {"[null, ~, Null, NULL, ]", "[null,null,null,null]"},
        {"{a: , b: ''}", "{\"a\":null,\"b\":\"\"}"},
        {"[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]"},
        {"[yes, no, on, off, y, N]", "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"N\"]"},
        {"[0, 7, -7, 9223372036854775807]", "[0,7,-7,9223372036854775807]"},
        {"[9223372036854775808, 1e400]", "[\"9223372036854775808\",\"1e400\"]"},
        {"[0o17, 017, 0x1F, 0311, +1, 1_000]", "[\"0o17\",\"017\",\"0x1F\",\"0311\",\"+1\",\"1_000\"]"},
        {"[1.5, -0.25, 2e3]", "[1.5,-0.25,2000.0]"},
        {"[1., .5, .inf, .nan, 12:30, 1.2.3]", "[\"1.\",\".5\",\".inf\",\".nan\",\"12:30\",\"1.2.3\"]"},
        {"[2026-12-01, '5', \"true\", 'null']", "[\"2026-12-01\",\"5\",\"true\",\"null\"]"},
        {"a: |\n  5\nb: >\n  x\n  y\n", "{\"a\":\"5\\n\",\"b\":\"x y\\n\"}"},
        {"{200: a, null: b, true: c}", "{\"200\":\"a\",\"null\":\"b\",\"true\":\"c\"}"},
        {"عنوان: آیین‌نامه", "{\"عنوان\":\"آیین‌نامه\"}"},
        {"5", "5"},
        {"{}", "{}"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct document *document = read_fine(cases[i].yaml);
        char *json = json_dumps(document_json(document), JSON_COMPACT | JSON_ENCODE_ANY);
        if (strcmp(json, cases[i].json) != 0)
            fail_msg("%s: %s", cases[i].yaml, json);
        free(json);
        document_free(document);
    }
}

static void a_pointer_leads_to_the_line_of_its_value(void **state)
{
    static const char yaml[] = "name: isfahan\n"    /* 1 */
                               "windows:\n"         /* 2 */
                               "  - kind: bill\n"   /* 3 */
                               "    days: 7\n"      /* 4 */
                               "  - kind: tariff\n" /* 5 */
                               "    days:\n"        /* 6 */
                               "      14\n"         /* 7 */
                               "a/b: {c~d: [1,\n"   /* 8 */
                               "  2]}\n";           /* 9 */
    static const struct {
        const char *pointer;
        unsigned line;
    } cases[] = {
        {"", 1},
        {"/name", 1},
        {"/windows", 3},
        {"/windows/0", 3},
        {"/windows/0/days", 4},
        {"/windows/1", 5},
        {"/windows/1/days", 7},
        {"/windows/1/missing", 5},
        {"/windows/2/kind", 3},
        {"/a~1b/c~0d/1", 9},
        {"/a~1b/c~0d/1/further", 9},
        {"/missing/deeper", 1},
    };
    struct document *document = read_fine(yaml);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (document_line(document, cases[i].pointer) != cases[i].line)
            fail_msg("%s: line %u", cases[i].pointer, document_line(document, cases[i].pointer));
    document_free(document);
}

static void what_cannot_be_read_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *yaml;
        unsigned line;
        const char *text;
    } cases[] = {
        {"", 1, "empty"},
        {"# only a comment\n", 2, "empty"},
        {"a: 1\nb: 2\na: 3\n", 3, "'a' stands here twice"},
        {"x:\n  {b: 1, c: 2,\n   b: 3}\n", 3, "'b' stands here twice"},
        {"a: &x 1\n", 1, "anchors"},
        {"a: 1\nb: &x [1]\n", 2, "anchors"},
        {"a: 1\nb:\n  &x k: v\n", 3, "anchors"},
        {"a: &x 1\nb: *x\n", 1, "anchors"},
        {"a: !!str 5\n", 1, "tags"},
        {"a: !own {b: 1}\n", 1, "tags"},
        {"? [a, b]\n: 1\n", 1, "key must be"},
        {"? {a: b}\n: 1\n", 1, "key must be"},
        {"a: 1\n---\nb: 2\n", 2, "second document"},
        {"a: \"x\\0y\"\n", 1, "NUL"},
        {"a: [1\nb: 2\n", 2, "not YAML"},
        {"a: 1\n\tb: 2\n", 2, "not YAML"},
        {"a: \xff\n", 1, "not YAML"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct contract_error error = {0};
        struct document *document = document_read(slice_of(cases[i].yaml), &error);
        if (document || error.line != cases[i].line || !strstr(error.text, cases[i].text))
            fail_msg("%s: %u: %s", cases[i].yaml, error.line, error.text);
    }
}

static void depth_ends_at_sixty_four(void **state)
{
    struct contract_error error;
    char yaml[256] = "";

    (void)state;
    for (int depth = 1; depth <= 65; depth++) {
        memset(yaml, '[', (size_t)depth);
        memset(yaml + depth, ']', (size_t)depth);
        struct document *document = document_read((struct slice){yaml, (size_t)depth * 2}, &error);
        assert_int_equal(document != NULL, depth <= 64);
        document_free(document);
    }
    assert_non_null(strstr(error.text, "deeper than 64"));
}

static void a_file_past_its_limit_is_refused(void **state)
{
    struct contract_error error = {.line = 5};
    size_t len = (size_t)4 * 1024 * 1024 + 1;
    char *yaml = malloc(len);

    (void)state;
    assert_non_null(yaml);
    memset(yaml, ' ', len);
    assert_null(document_read((struct slice){yaml, len}, &error));
    assert_int_equal(error.line, 0);
    free(yaml);
}

static void an_error_is_cut_at_a_whole_character(void **state)
{
    struct contract_error error;
    char key[512] = "", yaml[1100];

    (void)state;
    for (int i = 0; i < 150; i++)
        strcat(key, "ن");
    snprintf(yaml, sizeof yaml, "%s: 1\n%s: 1\n", key, key);
    assert_null(document_read(slice_of(yaml), &error));
    assert_int_equal(error.line, 2);
    assert_true(strlen(error.text) >= sizeof error.text - 4);
    assert_memory_equal(error.text + strlen(error.text) - 2, "ن", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_scalars_follow_the_core_schema),
        cmocka_unit_test(a_pointer_leads_to_the_line_of_its_value),
        cmocka_unit_test(what_cannot_be_read_is_refused_with_its_line),
        cmocka_unit_test(depth_ends_at_sixty_four),
        cmocka_unit_test(a_file_past_its_limit_is_refused),
        cmocka_unit_test(an_error_is_cut_at_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

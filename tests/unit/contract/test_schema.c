/* Every keyword, accepted and refused, with the exact code and pointer of each fault. */
#include "unit.h"

#include <string.h>

struct schema_case {
    const char *schema, *json;
    const char *faults; /* "" when the value is right */
};

static void run_cases(const struct schema_case *cases, size_t count, enum schema_mode mode)
{
    for (size_t i = 0; i < count; i++) {
        struct contract *contract = unit_compile_schema(cases[i].schema);
        struct arena arena;
        arena_init(&arena, 4096);
        const char *faults = unit_validate(&arena, contract_schema(contract, "T"), cases[i].json, mode, NULL);
        if (strcmp(faults, cases[i].faults) != 0)
            fail_msg("%s under %s: '%s', not '%s'", cases[i].json, cases[i].schema, faults, cases[i].faults);
        arena_done(&arena);
        contract_free(contract);
    }
}

static void type_takes_a_name_or_a_list(void **state)
{
    (void)state;
    static const struct schema_case cases[] = {
        {"{type: string}", "\"a\"", ""},
        {"{type: string}", "1", "wrong_type@(string)"},
        {"{type: integer}", "1", ""},
        {"{type: integer}", "1.0", "wrong_type@(integer)"},
        {"{type: number}", "1", ""},
        {"{type: number}", "1.5", ""},
        {"{type: number}", "\"1\"", "wrong_type@(number)"},
        {"{type: boolean}", "true", ""},
        {"{type: boolean}", "0", "wrong_type@(boolean)"},
        {"{type: 'null'}", "null", ""},
        {"{type: 'null'}", "false", "wrong_type@(null)"},
        {"{type: array}", "[1, \"a\"]", ""},
        {"{type: array}", "{}", "wrong_type@(array)"},
        {"{type: object}", "{}", ""},
        {"{type: object}", "[]", "wrong_type@(object)"},
        {"{type: [string, 'null']}", "null", ""},
        {"{type: [string, 'null']}", "\"a\"", ""},
        {"{type: [string, 'null']}", "1", "wrong_type@(string or null)"},
        {"{}", "[{\"a\": 1}]", ""},
    };
    run_cases(cases, ARRAY_LEN(cases), SCHEMA_REQUEST);
}

static void enum_and_const_compare_whole_values(void **state)
{
    (void)state;
    static const struct schema_case cases[] = {
        {"{enum: [a, 1, null]}", "\"a\"", ""},
        {"{enum: [a, 1, null]}", "1", ""},
        {"{enum: [a, 1, null]}", "null", ""},
        {"{enum: [a, 1, null]}", "\"b\"", "not_allowed@(a, 1, null)"},
        {"{type: string, enum: [a, '1']}", "1", "wrong_type@(string)"},
        {"{const: {a: [1, 2]}}", "{\"a\": [1, 2]}", ""},
        {"{const: {a: [1, 2]}}", "{\"a\": [2, 1]}", "not_allowed@({\"a\":[1,2]})"},
        {"{const: '1'}", "1", "not_allowed@(1)"},
    };
    run_cases(cases, ARRAY_LEN(cases), SCHEMA_REQUEST);
}

static void lengths_count_code_points(void **state)
{
    (void)state;
    static const struct schema_case cases[] = {
        {"{type: string, minLength: 2, maxLength: 4}", "\"سلام\"", ""},
        {"{type: string, minLength: 2, maxLength: 4}", "\"س\"", "too_short@(2)"},
        {"{type: string, minLength: 2, maxLength: 4}", "\"سلام!\"", "too_long@(4)"},
        {"{type: string, maxLength: 1}", "\"\U0001F600\"", ""},
        {"{type: string, maxLength: 1}", "\"e\\u0301\"", ""}, /* one code point in NFC */
        {"{type: string, maxLength: 0}", "\"\"", ""},
    };
    run_cases(cases, ARRAY_LEN(cases), SCHEMA_REQUEST);
}

static void patterns_are_unanchored_utf8_and_bounded(void **state)
{
    (void)state;
    static const struct schema_case cases[] = {
        {"{type: string, pattern: 'b+'}", "\"abc\"", ""},
        {"{type: string, pattern: '^b+$'}", "\"abc\"", "wrong_pattern@(^b+$)"},
        {"{type: string, pattern: '^a$'}", "\"a\\n\"", "wrong_pattern@(^a$)"},
        {"{type: string, pattern: '^.$'}", "\"س\"", ""},
        {"{type: string, pattern: '^\\u0633$'}", "\"س\"", ""},
        {"{type: string, pattern: '^\\d$'}", "\"۱\"", "wrong_pattern@(^\\d$)"},
        {"{type: string, pattern: '^[آ-ی]+$'}", "\"کتاب\"", ""},
        {"{type: string, pattern: '^[آ-ی]+$'}", "\"book\"", "wrong_pattern@(^[آ-ی]+$)"},
        {"{type: string, pattern: '^(a+)+$'}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"",
         "wrong_pattern@(^(a+)+$)"},
    };
    run_cases(cases, ARRAY_LEN(cases), SCHEMA_REPLY);
}

static void numbers_have_a_minimum_and_a_maximum(void **state)
{
    (void)state;
    static const struct schema_case cases[] = {
        {"{type: integer, minimum: 1, maximum: 3}", "1", ""},
        {"{type: integer, minimum: 1, maximum: 3}", "3", ""},
        {"{type: integer, minimum: 1, maximum: 3}", "0", "too_small@(1)"},
        {"{type: integer, minimum: 1, maximum: 3}", "4", "too_large@(3)"},
        {"{type: number, minimum: 0.5}", "0.25", "too_small@(0.5)"},
        {"{type: number, minimum: 0.5}", "1", ""},
        {"{type: number, maximum: 3}", "3.01", "too_large@(3)"},
        {"{type: integer, maximum: 9007199254740992}", "9007199254740993", "too_large@(9007199254740992)"},
        {"{type: integer, minimum: -9223372036854775807}", "-9223372036854775808",
         "too_small@(-9223372036854775807)"},
    };
    run_cases(cases, ARRAY_LEN(cases), SCHEMA_REQUEST);
}

static void arrays_have_sizes_items_and_unique_members(void **state)
{
    (void)state;
    static const struct schema_case cases[] = {
        {"{type: array, minItems: 1, maxItems: 2}", "[]", "too_few_items@(1)"},
        {"{type: array, minItems: 1, maxItems: 2}", "[1, 2]", ""},
        {"{type: array, minItems: 1, maxItems: 2}", "[1, 2, 3]", "too_many_items@(2)"},
        {"{type: array, items: {type: integer}}", "[1, \"a\", null]",
         "wrong_type@/1(integer) wrong_type@/2(integer)"},
        {"{type: array, items: {type: array, items: {type: integer}}}", "[[1], [2, true]]",
         "wrong_type@/1/1(integer)"},
        {"{type: array, uniqueItems: true, maxItems: 9}", "[1, \"1\", {\"a\": 1}]", ""},
        {"{type: array, uniqueItems: true, maxItems: 9}", "[{\"a\": 1, \"b\": 2}, 3, {\"b\": 2, \"a\": 1}]",
         "not_unique@"},
        {"{type: array, uniqueItems: false}", "[1, 1]", ""},
    };
    run_cases(cases, ARRAY_LEN(cases), SCHEMA_REQUEST);
}

static void objects_have_the_members_that_are_declared(void **state)
{
    (void)state;
    static const struct schema_case cases[] = {
        {"{type: object, properties: {a: {type: integer}}}", "{\"a\": 1}", ""},
        {"{type: object, properties: {a: {type: integer}}}", "{}", ""},
        {"{type: object, properties: {a: {type: integer}}}", "{\"a\": null}", "wrong_type@/a(integer)"},
        {"{type: object, properties: {a: {type: integer}}}", "{\"b\": 1, \"a\": 1, \"c\": 2}",
         "unknown_member@/b unknown_member@/c"},
        {"{type: object, required: [a, b], properties: {a: {}, b: {}}}", "{\"b\": 1}", "required@/a"},
        {"{type: object, additionalProperties: true}", "{\"a\": [1]}", ""},
        {"{type: object, additionalProperties: {type: string}}", "{\"a\": \"x\", \"b\": 1}",
         "wrong_type@/b(string)"},
        {"{type: object, additionalProperties: true, required: [a]}", "{}", "required@/a"},
        {"{type: object, additionalProperties: {type: string}, required: [a]}", "{\"a\": 1}",
         "wrong_type@/a(string)"},
        {"{type: object, additionalProperties: false}", "{\"\": 1}", "unknown_member@/"},
    };
    run_cases(cases, ARRAY_LEN(cases), SCHEMA_REQUEST);
}

static void pointers_escape_tilde_and_slash(void **state)
{
    (void)state;
    static const struct schema_case cases[] = {
        {"{type: object}", "{\"a/b~c\": 1, \"~1\": 2}", "unknown_member@/a~1b~0c unknown_member@/~01"},
        {"{type: object, properties: {'/': {type: array, items: {type: object}}}}",
         "{\"/\": [{}, {\"~\": 1}]}", "unknown_member@/~1/1/~0"},
        {"{type: object}", "{\"کلید\": 1}", "unknown_member@/کلید"},
    };
    run_cases(cases, ARRAY_LEN(cases), SCHEMA_REQUEST);
}

static void a_very_long_name_is_cut_in_the_pointer(void **state)
{
    (void)state;
    char json[2100], expected[300];
    struct contract *contract = unit_compile_schema("{type: object}");
    struct arena arena;

    arena_init(&arena, 4096);
    memset(json, 'k', sizeof json);
    memcpy(json, "{\"", 2);
    memcpy(json + 2000, "\": 1}", 6);
    snprintf(expected, sizeof expected, "unknown_member@/%.256s…", json + 2);
    assert_string_equal(unit_validate(&arena, contract_schema(contract, "T"), json, SCHEMA_REQUEST, NULL),
                        expected);
    arena_done(&arena);
    contract_free(contract);
}

static void null_or_another_schema(void **state)
{
    (void)state;
    static const struct schema_case cases[] = {
        {"{oneOf: [{type: 'null'}, {type: integer, minimum: 3}]}", "null", ""},
        {"{oneOf: [{type: 'null'}, {type: integer, minimum: 3}]}", "3", ""},
        {"{oneOf: [{type: integer, minimum: 3}, {type: 'null'}]}", "2", "too_small@(3)"},
        {"{oneOf: [{type: integer, minimum: 3}, {type: 'null'}]}", "\"\"", "wrong_type@(integer)"},
    };
    run_cases(cases, ARRAY_LEN(cases), SCHEMA_REQUEST);
}

static void a_request_carries_no_hidden_characters(void **state)
{
    (void)state;
    static const struct schema_case request[] = {
        {"{type: string}", "\"line\\nand\\ttab\"", ""},
        {"{type: string}", "\"bell\\u0007\"", "control_character@"},
        {"{type: array, items: {type: string}}", "[\"a\", \"\\u202Eb\"]", "control_character@/1"},
        {"{type: object, additionalProperties: true}", "{\"\\u202E\": 1}", "control_character@/\xE2\x80\xAE"},
    };
    static const struct schema_case reply[] = {{"{type: string}", "\"bell\\u0007\"", ""}};

    run_cases(request, ARRAY_LEN(request), SCHEMA_REQUEST);
    run_cases(reply, ARRAY_LEN(reply), SCHEMA_REPLY);
}

static void a_request_says_something_where_something_is_wanted(void **state)
{
    (void)state;
    static const struct schema_case request[] = {
        {"{type: string, minLength: 1}", "\" \\u200c\\n\"", "blank@"},
        {"{type: string, minLength: 3}", "\"  \"", "too_short@(3)"},
        {"{type: string, minLength: 1}", "\" \\u200c.\"", ""},
        {"{type: string}", "\"  \"", ""},
    };
    static const struct schema_case reply[] = {{"{type: string, minLength: 1}", "\" \"", ""}};

    run_cases(request, ARRAY_LEN(request), SCHEMA_REQUEST);
    run_cases(reply, ARRAY_LEN(reply), SCHEMA_REPLY);
}

static void every_fault_has_a_name_and_a_sentence_in_two_languages(void **state)
{
    (void)state;
    for (int code = 0; code < FAULT_COUNT; code++) {
        const char *persian = fault_code_text((enum fault_code)code, true);
        const char *english = fault_code_text((enum fault_code)code, false);
        assert_true(strlen(fault_code_name((enum fault_code)code)) > 3);
        assert_true((unsigned char)persian[0] >= 0x80);
        assert_true((unsigned char)english[0] < 0x80);
        assert_int_equal(strstr(persian, "%s") != NULL, strstr(english, "%s") != NULL);
    }
    assert_string_equal(fault_code_name(FAULT_required), "required");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(type_takes_a_name_or_a_list),
        cmocka_unit_test(enum_and_const_compare_whole_values),
        cmocka_unit_test(lengths_count_code_points),
        cmocka_unit_test(patterns_are_unanchored_utf8_and_bounded),
        cmocka_unit_test(numbers_have_a_minimum_and_a_maximum),
        cmocka_unit_test(arrays_have_sizes_items_and_unique_members),
        cmocka_unit_test(objects_have_the_members_that_are_declared),
        cmocka_unit_test(pointers_escape_tilde_and_slash),
        cmocka_unit_test(a_very_long_name_is_cut_in_the_pointer),
        cmocka_unit_test(null_or_another_schema),
        cmocka_unit_test(a_request_carries_no_hidden_characters),
        cmocka_unit_test(a_request_says_something_where_something_is_wanted),
        cmocka_unit_test(every_fault_has_a_name_and_a_sentence_in_two_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

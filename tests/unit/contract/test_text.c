/* A parameter's text as the value that its schema wants, and what may be asked about a schema. */
#include "unit.h"

#include <string.h>

static char *parse(const char *schema, const char *text)
{
    struct contract *contract = unit_compile_schema(schema);
    json_t *value = schema_parse_text(contract_schema(contract, "T"), slice_of(text));
    char *dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

    json_decref(value);
    contract_free(contract);
    return dump;
}

static void text_becomes_the_type_of_the_schema(void **state)
{
    static const struct {
        const char *schema, *text, *json;
    } cases[] = {
        {"{type: string}", "12", "\"12\""},
        {"{type: string}", "", "\"\""},
        {"{type: integer}", "12", "12"},
        {"{type: integer}", "-3", "-3"},
        {"{type: integer}", "0", "0"},
        {"{type: integer}", "007", "\"007\""},
        {"{type: integer}", "+1", "\"+1\""},
        {"{type: integer}", " 1", "\" 1\""},
        {"{type: integer}", "1.0", "\"1.0\""},
        {"{type: integer}", "", "\"\""},
        {"{type: integer}", "-", "\"-\""},
        {"{type: integer}", "9223372036854775807", "9223372036854775807"},
        {"{type: integer}", "9223372036854775808", "\"9223372036854775808\""},
        {"{type: integer}", "۱۲", "\"۱۲\""},
        {"{type: number}", "1.5", "1.5"},
        {"{type: number}", "2", "2"},
        {"{type: number}", "1e3", "1000.0"},
        {"{type: number}", "1e999", "\"1e999\""},
        {"{type: number}", "1.", "\"1.\""},
        {"{type: number}", "0x10", "\"0x10\""},
        {"{type: number}", "nan", "\"nan\""},
        {"{type: boolean}", "true", "true"},
        {"{type: boolean}", "false", "false"},
        {"{type: boolean}", "yes", "\"yes\""},
        {"{type: [integer, 'null']}", "5", "5"},
        {"{type: array, items: {type: integer}}", "1,2,x", "[1,2,\"x\"]"},
        {"{type: array, items: {type: string}}", "a,,b", "[\"a\",\"\",\"b\"]"},
        {"{type: array}", "", "[\"\"]"},
        {"{enum: [1, 2]}", "2", "2"},
        {"{const: a}", "a", "\"a\""},
        {"{oneOf: [{type: integer}, {type: 'null'}]}", "5", "5"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *json = parse(cases[i].schema, cases[i].text);
        if (strcmp(json, cases[i].json) != 0)
            fail_msg("'%s' under %s: %s", cases[i].text, cases[i].schema, json);
        free(json);
    }
}

static void a_schema_knows_whether_null_will_do(void **state)
{
    static const struct {
        const char *schema;
        bool accepts;
    } cases[] = {
        {"{type: string}", false},
        {"{type: [string, 'null']}", true},
        {"{type: 'null'}", true},
        {"{}", true},
        {"{enum: [a]}", false},
        {"{enum: [a, null]}", true},
        {"{oneOf: [{type: 'null'}, {type: string}]}", true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct contract *contract = unit_compile_schema(cases[i].schema);
        if (schema_accepts_null(contract_schema(contract, "T")) != cases[i].accepts)
            fail_msg("%s", cases[i].schema);
        contract_free(contract);
    }
}

static void a_schema_tells_its_default_and_format(void **state)
{
    (void)state;
    struct contract *contract = unit_compile_schema("{type: string, format: date, default: '2026-01-01'}");
    const struct schema *schema = contract_schema(contract, "T");
    assert_string_equal(schema_format(schema), "date");
    assert_string_equal(json_string_value(schema_default(schema)), "2026-01-01");
    contract_free(contract);

    contract = unit_compile_schema("{type: string}");
    schema = contract_schema(contract, "T");
    assert_null(schema_format(schema));
    assert_null(schema_default(schema));
    contract_free(contract);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_the_type_of_the_schema),
        cmocka_unit_test(a_schema_knows_whether_null_will_do),
        cmocka_unit_test(a_schema_tells_its_default_and_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Definitions and answers, fault by fault; the same through the API in tests/api/survey_responses.test.mjs. */
#include "domain/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const char *const names[] = {
#define SURVEY_FAULT(name) #name,
    SURVEY_FAULTS(SURVEY_FAULT)
#undef SURVEY_FAULT
};

struct log {
    struct survey_report report;
    struct arena arena;
    char text[4096]; /* "/a/b fault; ..." */
};

static void log_add(struct survey_report *report, enum survey_fault fault, const char *pointer,
                    const char *expected)
{
    struct log *log = CONTAINER_OF(report, struct log, report);
    (void)expected;
    strcat(log->text, log->text[0] ? "; " : "");
    strcat(strcat(strcat(log->text, pointer), " "), names[fault]);
}

static void log_init(struct log *log)
{
    *log = (struct log){.report = {.arena = &log->arena, .prefix = "", .add = log_add}};
    arena_init(&log->arena, 4096);
}

static json_t *parsed(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    return json;
}

static struct survey *compiled(const char *questions)
{
    struct log log;
    log_init(&log);
    json_t *json = parsed(questions);
    struct survey *survey = survey_compile(json, &log.report);
    assert_string_equal(log.text, "");
    json_decref(json);
    arena_done(&log.arena);
    return survey;
}

static void assert_definition(const char *questions, const char *faults)
{
    struct log log;
    log_init(&log);
    json_t *json = parsed(questions);
    assert_null(survey_compile(json, &log.report));
    assert_string_equal(log.text, faults);
    json_decref(json);
    arena_done(&log.arena);
}

static void assert_answers(const struct survey *survey, const char *answers, const char *faults)
{
    struct log log;
    log_init(&log);
    json_t *json = parsed(answers);
    survey_check_answers(survey, json, &log.report);
    assert_string_equal(log.text, faults);
    json_decref(json);
    arena_done(&log.arena);
}

#define YES_NO "\"options\":[{\"id\":\"yes\"},{\"id\":\"no\"}]"

static void a_definition_is_an_array_of_questions(void **state)
{
    (void)state;
    assert_definition("{}", " wrong_type");
    assert_definition("[]", " too_few_items");
    assert_definition("[1,{}]", "/0/id required; /0/type required; /1/id required; /1/type required");
    assert_definition(
        "[{\"id\":\"A\",\"type\":\"nps\"},{\"id\":\"9\",\"type\":\"nps\"},{\"id\":1,\"type\":\"x\"}]",
        "/0/id wrong_pattern; /1/id wrong_pattern; /2/id wrong_type; /2/type not_allowed");
}

static void conditions_look_only_backwards(void **state)
{
    (void)state;
    assert_definition(
        "[{\"id\":\"a\",\"type\":\"nps\",\"show_if\":{\"question\":\"a\",\"gte\":1}},"
        "{\"id\":\"b\",\"type\":\"nps\",\"show_if\":{\"question\":\"c\",\"gte\":1}},"
        "{\"id\":\"c\",\"type\":\"nps\",\"show_if\":{\"question\":\"b\",\"gte\":\"1\"}},"
        "{\"id\":\"d\",\"type\":\"nps\",\"show_if\":{\"any\":[7,{\"question\":\"z\",\"gte\":1}]}}]",
        "/0/show_if/question not_earlier; /1/show_if/question not_earlier; /2/show_if/gte wrong_type; "
        "/3/show_if/any/0 required; /3/show_if/any/1/question unknown_question");
}

static void an_answer_to_a_hidden_question_counts_as_none(void **state)
{
    (void)state;
    struct survey *survey =
        compiled("[{\"id\":\"a\",\"type\":\"single\"," YES_NO "},"
                 "{\"id\":\"b\",\"type\":\"nps\",\"required\":true,\"show_if\":{\"question\":\"a\","
                 "\"equals\":\"yes\"}},"
                 "{\"id\":\"c\",\"type\":\"nps\",\"show_if\":{\"question\":\"b\",\"gte\":5}},"
                 "{\"id\":\"d\",\"type\":\"nps\",\"show_if\":{\"question\":\"b\",\"answered\":false}}]");
    assert_int_equal(survey_question_count(survey), 4);
    assert_answers(survey, "{}", "");
    assert_answers(survey, "{\"d\":1}", "");
    assert_answers(survey, "{\"a\":\"yes\"}", "/b required");
    assert_answers(survey, "{\"a\":\"yes\",\"b\":5,\"c\":1}", "");
    assert_answers(survey, "{\"a\":\"yes\",\"b\":4,\"c\":1,\"d\":1}",
                   "/c hidden_question; /d hidden_question");
    assert_answers(survey, "{\"a\":\"no\",\"b\":9,\"c\":1,\"d\":1}",
                   "/b hidden_question; /c hidden_question");
    assert_answers(survey, "{\"a\":\"yes\",\"b\":\"9\",\"c\":1}", "/b wrong_type; /c hidden_question");
    survey_free(survey);
}

static void all_and_any(void **state)
{
    (void)state;
    struct survey *survey =
        compiled("[{\"id\":\"a\",\"type\":\"nps\"},{\"id\":\"b\",\"type\":\"multiple\"," YES_NO "},"
                 "{\"id\":\"c\",\"type\":\"nps\",\"show_if\":{\"all\":[{\"question\":\"a\",\"in\":[1,2]},"
                 "{\"any\":[{\"question\":\"b\",\"equals\":\"no\"},{\"question\":\"a\",\"lte\":1}]}]}}]");
    assert_answers(survey, "{\"a\":1,\"c\":1}", "");
    assert_answers(survey, "{\"a\":2,\"c\":1}", "/c hidden_question");
    assert_answers(survey, "{\"a\":2,\"b\":[\"yes\",\"no\"],\"c\":1}", "");
    assert_answers(survey, "{\"a\":3,\"b\":[\"no\"],\"c\":1}", "/c hidden_question");
    survey_free(survey);
}

static void limits_of_choices(void **state)
{
    (void)state;
    struct survey *survey = compiled("[{\"id\":\"m\",\"type\":\"multiple\"," YES_NO "},"
                                     "{\"id\":\"r\",\"type\":\"ranking\"," YES_NO "},"
                                     "{\"id\":\"p\",\"type\":\"ranking\",\"max\":1," YES_NO "}]");
    assert_answers(survey, "{\"m\":[\"yes\",\"no\"],\"r\":[\"no\",\"yes\"],\"p\":[\"no\"]}", "");
    assert_answers(survey, "{\"m\":[],\"r\":[\"no\"],\"p\":[\"no\",\"yes\"]}",
                   "/m too_few_items; /r too_few_items; /p too_many_items");
    assert_answers(survey, "{\"r\":[\"no\",\"no\"],\"m\":[1]}", "/m/0 wrong_type; /r/1 not_unique");
    survey_free(survey);
}

static void a_required_matrix_needs_all_its_rows(void **state)
{
    (void)state;
    static const char lists[] = "\"rows\":[{\"id\":\"x\"},{\"id\":\"y\"}],\"columns\":[{\"id\":\"good\"}]}";
    char text[512];
    strcat(strcpy(text, "[{\"id\":\"m\",\"type\":\"matrix\",\"required\":true,"), lists);
    strcat(strcat(strcat(text, ",{\"id\":\"n\",\"type\":\"matrix\","), lists), "]");
    struct survey *survey = compiled(text);
    assert_answers(survey, "{\"m\":{\"x\":\"good\",\"y\":\"good\"},\"n\":{\"y\":\"good\"}}", "");
    assert_answers(survey, "{\"m\":{\"x\":\"good\"},\"n\":{}}", "/m/y required; /n too_few_items");
    assert_answers(survey, "{\"m\":{\"x\":\"bad\",\"y\":1,\"a/b\":\"good\"}}",
                   "/m/x not_allowed; /m/y wrong_type; /m/a~1b unknown_member");
    survey_free(survey);
}

static void texts_count_in_code_points_and_blanks_are_none(void **state)
{
    (void)state;
    struct survey *survey = compiled("[{\"id\":\"t\",\"type\":\"short_text\",\"max\":4}]");
    assert_answers(survey, "{\"t\":\"سلام\"}", "");
    assert_answers(survey, "{\"t\":\"سلام!\"}", "/t too_long");
    assert_answers(survey, "{\"t\":\" \\n\"}", "/t too_short");
    assert_answers(survey, "[]", " wrong_type");
    survey_free(survey);
}

static void each_type_refuses_what_it_is_not(void **state)
{
    (void)state;
    struct survey *survey = compiled(
        "[{\"id\":\"n\",\"type\":\"number\",\"min\":-2,\"max\":2},{\"id\":\"t\",\"type\":\"long_text\"},"
        "{\"id\":\"d\",\"type\":\"date\",\"from\":\"2026-03-21\",\"to\":\"2026-12-31\"},"
        "{\"id\":\"m\",\"type\":\"multiple\"," YES_NO "}]");
    assert_answers(survey, "{\"n\":-2,\"d\":\"2026-03-21\"}", "");
    assert_answers(survey, "{\"n\":1.5,\"d\":\"2026-12-31\"}", "");
    assert_answers(survey, "{\"n\":-2.5,\"t\":7,\"d\":\"2026-03-20\",\"m\":\"yes\"}",
                   "/n too_small; /t wrong_type; /d too_small; /m wrong_type");
    assert_answers(survey, "{\"n\":\"1\",\"t\":[],\"d\":\"2027-01-01\",\"m\":{}}",
                   "/n wrong_type; /t wrong_type; /d too_large; /m wrong_type");
    survey_free(survey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_definition_is_an_array_of_questions),
        cmocka_unit_test(conditions_look_only_backwards),
        cmocka_unit_test(an_answer_to_a_hidden_question_counts_as_none),
        cmocka_unit_test(all_and_any),
        cmocka_unit_test(limits_of_choices),
        cmocka_unit_test(a_required_matrix_needs_all_its_rows),
        cmocka_unit_test(texts_count_in_code_points_and_blanks_are_none),
        cmocka_unit_test(each_type_refuses_what_it_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* {"questions": [...], "answers": {...}} of any bytes: a definition that compiles has no faults and takes any answers
 * without a crash, always with the same verdict; pointers begin with a slash. Conditions that look forward never
 * compile, so nothing loops. */
#include "sample.h"

#include "base/json.h"
#include "domain/survey.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_fault(struct survey_report *report, enum survey_fault fault, const char *pointer,
                      const char *expected)
{
    HOLDS(report->count > 0 && fault < SURVEY_FAULT_COUNT);
    HOLDS(pointer[0] == '\0' || pointer[0] == '/');
    HOLDS(!expected || expected[0] != '\0' || fault == SURVEY_FAULT_not_allowed);
}

static size_t count_faults(const struct survey *survey, const json_t *answers, struct arena *arena)
{
    struct survey_report report = {.arena = arena, .prefix = "", .add = add_fault};
    survey_check_answers(survey, answers, &report);
    return report.count;
}

static void check(const json_t *document, struct arena *arena)
{
    struct survey_report report = {.arena = arena, .prefix = "", .add = add_fault};
    const json_t *answers = json_object_get(document, "answers");
    struct survey *survey = survey_compile(json_object_get(document, "questions"), &report);

    HOLDS((survey != NULL) == (report.count == 0));
    if (survey) {
        HOLDS(survey_question_count(survey) >= 1 && survey_question_count(survey) <= SURVEY_QUESTIONS_MAX);
        HOLDS(count_faults(survey, answers, arena) == count_faults(survey, answers, arena));
    }
    survey_free(survey);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct json_limits limits = {.depth = 32, .nodes = 20000};
    struct arena arena;
    json_t *document;

    if (json_read((struct slice){(const char *)data, size}, limits, &document, NULL) != JSON_FINE)
        return 0;
    arena_init(&arena, 4096);
    check(document, &arena);
    arena_done(&arena);
    json_decref(document);
    return 0;
}

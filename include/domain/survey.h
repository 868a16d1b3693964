/* Surveys: a definition (the array of questions of the contract) is compiled once; answers are then held
 * against it, every fault at once. Knows no state, no window and no voter: those are judged where the
 * response is stored.
 *
 * A question is asked when its `show_if` holds of the answers to earlier questions that were asked
 * themselves. Conditions look only backwards, so there are no cycles, and one pass over the questions
 * decides. */
#ifndef DOMAIN_SURVEY_H
#define DOMAIN_SURVEY_H

#include "base/arena.h"

#include <jansson.h>

#define SURVEY_QUESTIONS_MAX  200
#define SURVEY_OPTIONS_MAX    100
#define SURVEY_ROWS_MAX       50
#define SURVEY_COLUMNS_MAX    20
#define SURVEY_CONDITIONS_MAX 50 /* in one show_if */
#define SURVEY_NESTING_MAX    5
#define SURVEY_ID_MAX         32
#define SURVEY_RATING_MAX     10
#define SURVEY_SHORT_MAX      500
#define SURVEY_LONG_MAX       5000

/* Names are those of include/contract/fault.def. */
#define SURVEY_FAULTS(FAULT)                                                                                 \
    FAULT(required)                                                                                          \
    FAULT(unknown_member)                                                                                    \
    FAULT(wrong_type)                                                                                        \
    FAULT(not_allowed)                                                                                       \
    FAULT(too_short)                                                                                         \
    FAULT(too_long)                                                                                          \
    FAULT(too_small)                                                                                         \
    FAULT(too_large)                                                                                         \
    FAULT(too_few_items)                                                                                     \
    FAULT(too_many_items)                                                                                    \
    FAULT(not_unique)                                                                                        \
    FAULT(wrong_pattern)                                                                                     \
    FAULT(wrong_format)                                                                                      \
    FAULT(not_for_type)                                                                                      \
    FAULT(unknown_question)                                                                                  \
    FAULT(not_earlier)                                                                                       \
    FAULT(hidden_question)

enum survey_fault {
#define SURVEY_FAULT(name) SURVEY_FAULT_##name,
    SURVEY_FAULTS(SURVEY_FAULT)
#undef SURVEY_FAULT
        SURVEY_FAULT_COUNT
};

/* Who is told of faults. `pointer` (a JSON Pointer that begins with `prefix`) and `expected` (NULL: nothing
 * to say) are in `arena`. */
struct survey_report {
    struct arena *arena;
    const char *prefix;
    void (*add)(struct survey_report *report, enum survey_fault fault, const char *pointer,
                const char *expected);
    size_t count;
};

struct survey;

/* NULL when there are faults. The survey is constant and refers to nothing of `questions`. */
MUST_USE struct survey *survey_compile(const json_t *questions, struct survey_report *report);
void survey_free(struct survey *survey); /* accepts NULL */

/* Reports every fault of `answers`, an object from question id to answer. */
void survey_check_answers(const struct survey *survey, const json_t *answers, struct survey_report *report);

size_t survey_question_count(const struct survey *survey);

#endif

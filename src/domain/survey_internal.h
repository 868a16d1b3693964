/* A compiled survey, shared by the files that make it (survey.c, survey_condition.c) and the one that holds
 * answers against it (survey_answers.c). */
#ifndef SURVEY_INTERNAL_H
#define SURVEY_INTERNAL_H

#include "base/buffer.h"
#include "base/clock.h"
#include "domain/survey.h"

enum question_type {
    QUESTION_SINGLE,
    QUESTION_MULTIPLE,
    QUESTION_RATING,
    QUESTION_NPS,
    QUESTION_MATRIX,
    QUESTION_RANKING,
    QUESTION_NUMBER,
    QUESTION_DATE,
    QUESTION_SHORT_TEXT,
    QUESTION_LONG_TEXT,
    QUESTION_TYPES
};

/* Ids of options, rows or columns, in order. */
struct id_list {
    const struct slice *items;
    size_t count;
};

enum condition_kind {
    CONDITION_EQUALS,
    CONDITION_IN,
    CONDITION_GTE,
    CONDITION_LTE,
    CONDITION_ANSWERED,
    CONDITION_ALL,
    CONDITION_ANY,
};

/* What an answer is compared with: an option's id or a date as text, else a number. */
struct operand {
    struct slice text; /* data NULL: `number` */
    double number;
};

struct condition {
    enum condition_kind kind;
    size_t question; /* index; not for ALL and ANY */
    bool is_answered;
    const struct operand *operands;
    size_t operand_count;
    const struct condition *parts; /* of ALL and ANY */
    size_t part_count;
};

struct question {
    struct slice id;
    enum question_type type;
    bool is_required, is_integer;
    struct id_list options; /* rows of a matrix */
    struct id_list columns;
    double min, max;       /* of the value, of how many are chosen, or of the text's length */
    struct slice from, to; /* dates; data NULL: no bound */
    const struct condition *show_if;
};

struct survey {
    struct arena arena;
    struct question *questions;
    size_t count; /* while it is compiled: of those before the one that is read */
    size_t total;
};

/* The way to a value is a chain on the stack; it is written as a pointer only for a fault. */
struct place {
    const struct place *parent; /* NULL: right below the prefix */
    struct slice name;          /* of a member; data NULL: the item `index` */
    size_t index;
};

void survey_fault_at(struct survey_report *report, enum survey_fault fault, const struct place *place,
                     const char *expected);
void survey_fault_number(struct survey_report *report, enum survey_fault fault, const struct place *place,
                         double expected);

static inline struct slice json_slice(const json_t *value)
{
    return json_is_string(value) ? (struct slice){json_string_value(value), json_string_length(value)}
                                 : (struct slice){0};
}
/* The index of `id`, or the count when it is none of them. */
size_t id_list_find(const struct id_list *list, struct slice id);
/* "a, b, c", in the report's arena. */
const char *id_list_text(const struct id_list *list, struct survey_report *report);

bool question_is_choice(const struct question *question); /* single, multiple */
bool question_is_number(const struct question *question); /* rating, nps, number */
/* The index of the question, or the survey's count. */
size_t survey_find(const struct survey *survey, struct slice id);

/* The show_if of the question that is being read (the survey's count); NULL when there are faults. */
const struct condition *condition_compile(struct survey *survey, const json_t *json,
                                          const struct place *place, struct survey_report *report);
/* `is_asked` tells of every earlier question whether it is asked. */
bool condition_holds(const struct condition *condition, const struct survey *survey, const json_t *answers,
                     const bool *is_asked);

#endif

/* Answers against a compiled survey: what is asked, what must be answered, whether each answer fits. Nothing
 * here may be slow: it runs once for every response, on the loop's thread. */
#include "survey_internal.h"

#include "base/text.h"

struct checking {
    const struct survey *survey;
    struct survey_report *report;
};

typedef void check_fn(struct checking *checking, const struct question *question, const json_t *answer,
                      const struct place *place);

/* --- values ------------------------------------------------------------------------------------ */

static void check_range(struct checking *checking, const struct question *question, double value,
                        const struct place *place)
{
    if (value < question->min)
        survey_fault_number(checking->report, SURVEY_FAULT_too_small, place, question->min);
    if (value > question->max)
        survey_fault_number(checking->report, SURVEY_FAULT_too_large, place, question->max);
}

static void check_whole(struct checking *checking, const struct question *question, const json_t *answer,
                        const struct place *place)
{
    if (!json_is_integer(answer))
        survey_fault_at(checking->report, SURVEY_FAULT_wrong_type, place, "integer");
    else
        check_range(checking, question, (double)json_integer_value(answer), place);
}

static void check_number(struct checking *checking, const struct question *question, const json_t *answer,
                         const struct place *place)
{
    if (question->is_integer)
        check_whole(checking, question, answer, place);
    else if (!json_is_number(answer))
        survey_fault_at(checking->report, SURVEY_FAULT_wrong_type, place, "number");
    else
        check_range(checking, question, json_number_value(answer), place);
}

static void check_date(struct checking *checking, const struct question *question, const json_t *answer,
                       const struct place *place)
{
    struct slice text = json_slice(answer);
    struct date date;
    if (!text.data || !date_parse(text, &date)) {
        survey_fault_at(checking->report, SURVEY_FAULT_wrong_format, place, "date");
        return;
    }
    if (question->from.data && strcmp(text.data, question->from.data) < 0)
        survey_fault_at(checking->report, SURVEY_FAULT_too_small, place,
                        arena_strdup(checking->report->arena, question->from.data));
    if (question->to.data && strcmp(text.data, question->to.data) > 0)
        survey_fault_at(checking->report, SURVEY_FAULT_too_large, place,
                        arena_strdup(checking->report->arena, question->to.data));
}

static void check_text(struct checking *checking, const struct question *question, const json_t *answer,
                       const struct place *place)
{
    struct slice text = json_slice(answer);
    if (!text.data) {
        survey_fault_at(checking->report, SURVEY_FAULT_wrong_type, place, "string");
        return;
    }
    double length = text_is_blank(text) ? 0 : (double)text_length(text);
    if (length < question->min)
        survey_fault_number(checking->report, SURVEY_FAULT_too_short, place, question->min);
    if (length > question->max)
        survey_fault_number(checking->report, SURVEY_FAULT_too_long, place, question->max);
}

/* --- choices ----------------------------------------------------------------------------------- */

/* The index of the chosen id, or the list's count and a fault. */
static size_t find_choice(struct checking *checking, const struct id_list *list, const json_t *answer,
                          const struct place *place)
{
    struct slice id = json_slice(answer);
    size_t at = id.data ? id_list_find(list, id) : list->count;
    if (!id.data)
        survey_fault_at(checking->report, SURVEY_FAULT_wrong_type, place, "string");
    else if (at == list->count)
        survey_fault_at(checking->report, SURVEY_FAULT_not_allowed, place,
                        id_list_text(list, checking->report));
    return at;
}

static void check_single(struct checking *checking, const struct question *question, const json_t *answer,
                         const struct place *place)
{
    (void)find_choice(checking, &question->options, answer, place);
}

static void check_many(struct checking *checking, const struct question *question, const json_t *answer,
                       const struct place *place)
{
    bool is_chosen[SURVEY_OPTIONS_MAX + 1] = {false};
    size_t count = json_array_size(answer);
    if (!json_is_array(answer)) {
        survey_fault_at(checking->report, SURVEY_FAULT_wrong_type, place, "array");
        return;
    }
    if ((double)count < question->min)
        survey_fault_number(checking->report, SURVEY_FAULT_too_few_items, place, question->min);
    if ((double)count > question->max) { /* and no look at each of them */
        survey_fault_number(checking->report, SURVEY_FAULT_too_many_items, place, question->max);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct place item = {.parent = place, .index = i};
        size_t at = find_choice(checking, &question->options, json_array_get(answer, i), &item);
        if (at < question->options.count && is_chosen[at])
            survey_fault_at(checking->report, SURVEY_FAULT_not_unique, &item, NULL);
        is_chosen[at] = true;
    }
}

/* From row to column; a required matrix needs all its rows. */
static void check_matrix(struct checking *checking, const struct question *question, const json_t *answer,
                         const struct place *place)
{
    if (!json_is_object(answer)) {
        survey_fault_at(checking->report, SURVEY_FAULT_wrong_type, place, "object");
        return;
    }
    size_t known = 0;
    for (size_t i = 0; i < question->options.count; i++) {
        struct slice row = question->options.items[i];
        const struct place here = {.parent = place, .name = row};
        const json_t *column = json_object_getn(answer, row.data, row.len);
        known += column != NULL;
        if (column)
            (void)find_choice(checking, &question->columns, column, &here);
        else if (question->is_required)
            survey_fault_at(checking->report, SURVEY_FAULT_required, &here, NULL);
    }
    if (json_object_size(answer) == 0 && !question->is_required)
        survey_fault_at(checking->report, SURVEY_FAULT_too_few_items, place, "1");
    if (known == json_object_size(answer))
        return;
    for (void *at = json_object_iter((json_t *)answer); at;
         at = json_object_iter_next((json_t *)answer, at)) {
        struct slice row = {json_object_iter_key(at), json_object_iter_key_len(at)};
        const struct place here = {.parent = place, .name = row};
        if (id_list_find(&question->options, row) == question->options.count)
            survey_fault_at(checking->report, SURVEY_FAULT_unknown_member, &here, NULL);
    }
}

static check_fn *const checks[QUESTION_TYPES] = {
    [QUESTION_SINGLE] = check_single,  [QUESTION_MULTIPLE] = check_many, [QUESTION_RATING] = check_whole,
    [QUESTION_NPS] = check_whole,      [QUESTION_MATRIX] = check_matrix, [QUESTION_RANKING] = check_many,
    [QUESTION_NUMBER] = check_number,  [QUESTION_DATE] = check_date,     [QUESTION_SHORT_TEXT] = check_text,
    [QUESTION_LONG_TEXT] = check_text,
};

/* --- all --------------------------------------------------------------------------------------- */

static void check_others(struct checking *checking, const json_t *answers)
{
    for (void *at = json_object_iter((json_t *)answers); at;
         at = json_object_iter_next((json_t *)answers, at)) {
        struct slice id = {json_object_iter_key(at), json_object_iter_key_len(at)};
        const struct place here = {.name = id};
        if (survey_find(checking->survey, id) == checking->survey->count)
            survey_fault_at(checking->report, SURVEY_FAULT_unknown_question, &here, NULL);
    }
}

void survey_check_answers(const struct survey *survey, const json_t *answers, struct survey_report *report)
{
    struct checking checking = {survey, report};
    bool is_asked[SURVEY_QUESTIONS_MAX];
    size_t known = 0;

    if (!json_is_object(answers)) {
        survey_fault_at(report, SURVEY_FAULT_wrong_type, NULL, "object");
        return;
    }
    for (size_t i = 0; i < survey->count; i++) {
        const struct question *question = &survey->questions[i];
        const struct place place = {.name = question->id};
        const json_t *answer = json_object_getn(answers, question->id.data, question->id.len);

        is_asked[i] = !question->show_if || condition_holds(question->show_if, survey, answers, is_asked);
        known += answer != NULL;
        if (answer && !is_asked[i])
            survey_fault_at(report, SURVEY_FAULT_hidden_question, &place, NULL);
        else if (answer)
            checks[question->type](&checking, question, answer, &place);
        else if (question->is_required && is_asked[i])
            survey_fault_at(report, SURVEY_FAULT_required, &place, NULL);
    }
    if (known < json_object_size(answers))
        check_others(&checking, answers);
}

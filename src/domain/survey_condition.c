/* show_if: compiling a condition and deciding it.
 *
 *   {"question": "q1", "equals": "yes"}      also: "in": [...], "gte": 4, "lte": 4, "answered": true
 *   {"all": [...]}  {"any": [...]}
 *
 * A question of several choices equals what it holds. An answer to a question that is not asked counts as
 * none. Whether answers are valid is no matter here (survey_answers.c): of a wrong one no comparison holds.
 */
#include "survey_internal.h"

struct reading {
    struct survey *survey;
    struct survey_report *report;
    unsigned nodes, depth;
};

static const struct {
    const char *name;
    enum condition_kind kind;
} kinds[] = {
    {"equals", CONDITION_EQUALS},     {"in", CONDITION_IN},   {"gte", CONDITION_GTE}, {"lte", CONDITION_LTE},
    {"answered", CONDITION_ANSWERED}, {"all", CONDITION_ALL}, {"any", CONDITION_ANY}};

static void condition_read(struct reading *reading, const json_t *json, const struct place *place,
                           struct condition *condition);

/* The one member that says what kind it is; its place. */
static const json_t *read_kind(struct reading *reading, const json_t *json, const struct place *place,
                               struct condition *condition, struct place *ret_here)
{
    const json_t *found = NULL;
    unsigned count = 0;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const json_t *value = json_object_get(json, kinds[i].name);
        if (!value)
            continue;
        found = value;
        condition->kind = kinds[i].kind;
        *ret_here = (struct place){.parent = place, .name = slice_of(kinds[i].name)};
        count++;
    }
    if (count == 1)
        return found;
    survey_fault_at(reading->report, count == 0 ? SURVEY_FAULT_required : SURVEY_FAULT_too_many_items, place,
                    count == 0 ? NULL : "1");
    return NULL;
}

/* Conditions look at earlier questions only, so there can be no cycle. */
static const struct question *read_question(struct reading *reading, const json_t *json,
                                            const struct place *place, struct condition *condition)
{
    const struct survey *survey = reading->survey;
    const struct place here = {.parent = place, .name = SLICE("question")};
    struct slice id = json_slice(json_object_get(json, "question"));
    if (!id.data) {
        survey_fault_at(reading->report, SURVEY_FAULT_required, &here, NULL);
        return NULL;
    }
    condition->question = survey_find(survey, id);
    if (condition->question < survey->count)
        return &survey->questions[condition->question];
    bool is_later = false;
    for (size_t i = survey->count; i < survey->total; i++)
        is_later |= slice_equal(survey->questions[i].id, id);
    survey_fault_at(reading->report, is_later ? SURVEY_FAULT_not_earlier : SURVEY_FAULT_unknown_question,
                    &here, NULL);
    return NULL;
}

/* --- what an answer is compared with ----------------------------------------------------------- */

static void read_text(struct reading *reading, struct slice text, struct operand *operand)
{
    operand->text = arena_slice(&reading->survey->arena, text);
}

static void read_operand(struct reading *reading, const json_t *json, const struct question *question,
                         const struct place *place, struct operand *operand)
{
    struct slice text = json_slice(json);
    struct date date;

    operand->number = json_number_value(json);
    if (question_is_choice(question) && text.data &&
        id_list_find(&question->options, text) < question->options.count)
        read_text(reading, text, operand);
    else if (question_is_choice(question))
        survey_fault_at(reading->report, SURVEY_FAULT_not_allowed, place,
                        id_list_text(&question->options, reading->report));
    else if (question->type == QUESTION_DATE && text.data && date_parse(text, &date))
        read_text(reading, text, operand);
    else if (question->type == QUESTION_DATE)
        survey_fault_at(reading->report, SURVEY_FAULT_wrong_format, place, "date");
    else if (!json_is_number(json))
        survey_fault_at(reading->report, SURVEY_FAULT_wrong_type, place, "number");
}

/* Which comparisons make sense for a type: all know `answered`. */
static bool is_comparable(const struct question *question, enum condition_kind kind)
{
    bool is_ordered = question_is_number(question) || question->type == QUESTION_DATE;
    return kind == CONDITION_GTE || kind == CONDITION_LTE ? is_ordered
                                                          : is_ordered || question_is_choice(question);
}

static void read_operands(struct reading *reading, const json_t *value, const struct question *question,
                          const struct place *place, struct condition *condition)
{
    bool is_list = condition->kind == CONDITION_IN;
    size_t count = is_list ? json_array_size(value) : 1;
    if (!is_comparable(question, condition->kind)) {
        survey_fault_at(reading->report, SURVEY_FAULT_not_for_type, place, "answered");
        return;
    }
    if (is_list && (count < 1 || count > SURVEY_OPTIONS_MAX)) {
        survey_fault_number(reading->report,
                            count < 1 ? SURVEY_FAULT_too_few_items : SURVEY_FAULT_too_many_items, place,
                            count < 1 ? 1 : SURVEY_OPTIONS_MAX);
        return;
    }
    struct operand *operands = arena_alloc_array(&reading->survey->arena, count, sizeof *operands);
    for (size_t i = 0; i < count; i++) {
        const struct place item = {.parent = place, .index = i};
        read_operand(reading, is_list ? json_array_get(value, i) : value, question, is_list ? &item : place,
                     &operands[i]);
    }
    condition->operands = operands;
    condition->operand_count = count;
}

/* --- the tree ---------------------------------------------------------------------------------- */

static void read_parts(struct reading *reading, const json_t *list, const struct place *place,
                       struct condition *condition)
{
    size_t count = json_array_size(list);
    if (count < 1) {
        survey_fault_number(reading->report, SURVEY_FAULT_too_few_items, place, 1);
        return;
    }
    if (reading->nodes + count > SURVEY_CONDITIONS_MAX || reading->depth >= SURVEY_NESTING_MAX) {
        survey_fault_number(reading->report, SURVEY_FAULT_too_many_items, place, SURVEY_CONDITIONS_MAX);
        return;
    }
    struct condition *parts = arena_alloc_array(&reading->survey->arena, count, sizeof *parts);
    reading->nodes += (unsigned)count;
    reading->depth++;
    for (size_t i = 0; i < count; i++) {
        const struct place item = {.parent = place, .index = i};
        condition_read(reading, json_array_get(list, i), &item, &parts[i]);
    }
    reading->depth--;
    condition->parts = parts;
    condition->part_count = count;
}

static void condition_read(struct reading *reading, const json_t *json, const struct place *place,
                           struct condition *condition)
{
    struct place here;
    const json_t *value = read_kind(reading, json, place, condition, &here);
    if (!value)
        return;
    if (condition->kind == CONDITION_ALL || condition->kind == CONDITION_ANY) {
        read_parts(reading, value, &here, condition);
        return;
    }
    const struct question *question = read_question(reading, json, place, condition);
    if (!question)
        return;
    if (condition->kind != CONDITION_ANSWERED)
        read_operands(reading, value, question, &here, condition);
    else if (!json_is_boolean(value))
        survey_fault_at(reading->report, SURVEY_FAULT_wrong_type, &here, "boolean");
    condition->is_answered = json_is_true(value);
}

const struct condition *condition_compile(struct survey *survey, const json_t *json,
                                          const struct place *place, struct survey_report *report)
{
    struct reading reading = {.survey = survey, .report = report, .nodes = 1, .depth = 1};
    struct condition *condition = arena_alloc(&survey->arena, sizeof *condition);
    size_t before = report->count;

    condition_read(&reading, json, place, condition);
    return report->count == before ? condition : NULL;
}

/* --- deciding ---------------------------------------------------------------------------------- */

/* <0, 0, >0; false when the two are of different kinds. */
static bool compare(const json_t *answer, const struct operand *operand, int *ret_order)
{
    if (operand->text.data && json_is_string(answer)) { /* dates of four-digit years sort as texts */
        *ret_order = strcmp(json_string_value(answer), operand->text.data);
        return true;
    }
    if (operand->text.data || !json_is_number(answer))
        return false;
    double number = json_number_value(answer);
    *ret_order = (number > operand->number) - (number < operand->number);
    return true;
}

static bool equals(const json_t *answer, const struct operand *operand)
{
    int order;
    size_t i;
    json_t *chosen;
    json_array_foreach ((json_t *)answer, i, chosen)
        if (compare(chosen, operand, &order) && order == 0)
            return true;
    return compare(answer, operand, &order) && order == 0;
}

static bool equals_any(const json_t *answer, const struct condition *condition)
{
    for (size_t i = 0; i < condition->operand_count; i++)
        if (equals(answer, &condition->operands[i]))
            return true;
    return false;
}

static bool parts_hold(const struct condition *condition, const struct survey *survey, const json_t *answers,
                       const bool *is_asked)
{
    bool is_all = condition->kind == CONDITION_ALL;
    for (size_t i = 0; i < condition->part_count; i++)
        if (condition_holds(&condition->parts[i], survey, answers, is_asked) != is_all)
            return !is_all;
    return is_all;
}

bool condition_holds(const struct condition *condition, const struct survey *survey, const json_t *answers,
                     const bool *is_asked)
{
    int order;
    if (condition->kind == CONDITION_ALL || condition->kind == CONDITION_ANY)
        return parts_hold(condition, survey, answers, is_asked);

    struct slice id = survey->questions[condition->question].id;
    const json_t *answer = is_asked[condition->question] ? json_object_getn(answers, id.data, id.len) : NULL;
    switch (condition->kind) {
    case CONDITION_ANSWERED:
        return (answer != NULL) == condition->is_answered;
    case CONDITION_GTE:
        return answer && compare(answer, &condition->operands[0], &order) && order >= 0;
    case CONDITION_LTE:
        return answer && compare(answer, &condition->operands[0], &order) && order <= 0;
    default:
        return answer && equals_any(answer, condition);
    }
}

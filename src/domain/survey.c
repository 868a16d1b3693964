/* A definition becomes a compiled survey: shapes, ids, limits, and which members a type of question has. The
 * contract has bounded counts and lengths before; what is asked of a definition stands here all the same,
 * because stored ones come this way too. Conditions stand in survey_condition.c. */
#include "survey_internal.h"

#include <stdlib.h>

#define NAME_MAX_SHOWN 64
#define POINTER_MAX    4096
#define NUMBER_LIMIT   1e15

/* --- faults ------------------------------------------------------------------------------------ */

/* RFC 6901: ~0 for ~, ~1 for /. A name comes from outside and is cut where it is long. */
static void append_name(struct buffer *out, struct slice name)
{
    size_t len = name.len < NAME_MAX_SHOWN ? name.len : NAME_MAX_SHOWN;
    while (len < name.len && (name.data[len] & 0xC0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++) {
        if (name.data[i] == '~' || name.data[i] == '/')
            buffer_str(out, name.data[i] == '~' ? "~0" : "~1");
        else
            buffer_char(out, name.data[i]);
    }
    buffer_str(out, len < name.len ? "…" : "");
}

static void append_place(struct buffer *out, const struct place *place)
{
    if (!place)
        return;
    append_place(out, place->parent);
    buffer_char(out, '/');
    if (place->name.data)
        append_name(out, place->name);
    else
        buffer_int(out, (int64_t)place->index);
}

void survey_fault_at(struct survey_report *report, enum survey_fault fault, const struct place *place,
                     const char *expected)
{
    CLEANUP(buffer_done) struct buffer pointer;
    buffer_init(&pointer, POINTER_MAX);
    buffer_str(&pointer, report->prefix);
    append_place(&pointer, place);
    report->count++;
    report->add(report, fault, arena_copy(report->arena, buffer_view(&pointer).data, pointer.len), expected);
}

void survey_fault_number(struct survey_report *report, enum survey_fault fault, const struct place *place,
                         double expected)
{
    survey_fault_at(report, fault, place, arena_printf(report->arena, "%.15g", expected));
}

/* --- ids --------------------------------------------------------------------------------------- */

size_t id_list_find(const struct id_list *list, struct slice id)
{
    size_t at = 0;
    while (at < list->count && !slice_equal(list->items[at], id))
        at++;
    return at;
}

const char *id_list_text(const struct id_list *list, struct survey_report *report)
{
    CLEANUP(buffer_done) struct buffer text;
    buffer_init(&text, POINTER_MAX);
    for (size_t i = 0; i < list->count; i++) {
        buffer_str(&text, i > 0 ? ", " : "");
        buffer_slice(&text, list->items[i]);
    }
    return arena_copy(report->arena, buffer_view(&text).data, text.len);
}

size_t survey_find(const struct survey *survey, struct slice id)
{
    size_t at = 0;
    while (at < survey->count && !slice_equal(survey->questions[at].id, id))
        at++;
    return at;
}

/* [a-z][a-z0-9_]*, so that an id needs no escaping anywhere. */
static bool is_id(struct slice id)
{
    if (id.len == 0 || id.len > SURVEY_ID_MAX || id.data[0] < 'a' || id.data[0] > 'z')
        return false;
    for (size_t i = 1; i < id.len; i++) {
        char c = id.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return true;
}

/* The member `id` of `json`, copied; data NULL and a fault when it is none. */
static struct slice read_id(struct survey *survey, const json_t *json, const struct place *place,
                            struct survey_report *report)
{
    const json_t *value = json_object_get(json, "id");
    const struct place here = {.parent = place, .name = SLICE("id")};
    struct slice id = json_slice(value);
    if (!value)
        survey_fault_at(report, SURVEY_FAULT_required, &here, NULL);
    else if (!id.data)
        survey_fault_at(report, SURVEY_FAULT_wrong_type, &here, "string");
    else if (!is_id(id))
        survey_fault_at(report, SURVEY_FAULT_wrong_pattern, &here, "^[a-z][a-z0-9_]{0,31}$");
    else
        return arena_slice(&survey->arena, id);
    return (struct slice){0};
}

static struct id_list read_ids(struct survey *survey, const json_t *list, size_t most,
                               const struct place *place, struct survey_report *report)
{
    struct id_list ids = {0};
    if (!json_is_array(list)) {
        survey_fault_at(report, SURVEY_FAULT_wrong_type, place, "array");
        return ids;
    }
    size_t count = json_array_size(list);
    if (count < 1 || count > most) {
        survey_fault_number(report, count < 1 ? SURVEY_FAULT_too_few_items : SURVEY_FAULT_too_many_items,
                            place, count < 1 ? 1 : (double)most);
        return ids;
    }
    struct slice *items = arena_alloc_array(&survey->arena, count, sizeof *items);
    ids.items = items;
    for (size_t i = 0; i < count; i++) {
        const struct place item = {.parent = place, .index = i};
        const struct place at = {.parent = &item, .name = SLICE("id")};
        struct slice id = read_id(survey, json_array_get(list, i), &item, report);
        if (id.data && id_list_find(&ids, id) < ids.count)
            survey_fault_at(report, SURVEY_FAULT_not_unique, &at, NULL);
        if (id.data)
            items[ids.count++] = id;
    }
    return ids;
}

/* --- types of questions ------------------------------------------------------------------------ */

enum member {
    MEMBER_OPTIONS,
    MEMBER_ROWS,
    MEMBER_COLUMNS,
    MEMBER_ORDER,
    MEMBER_MIN,
    MEMBER_MAX,
    MEMBER_INTEGER,
    MEMBER_FROM,
    MEMBER_TO,
    MEMBERS
};
#define HAS(member) (1U << MEMBER_##member)

static const char *const member_names[MEMBERS] = {"options", "rows",    "columns", "order", "min",
                                                  "max",     "integer", "from",    "to"};

/* min and max are limits of the value, of how many are chosen, or of the text's length. */
static const struct type {
    const char *name;
    unsigned needed, allowed;
    double least, most; /* between which its limits must lie */
    double min_default, max_default;
    bool is_whole; /* so are its limits */
} types[QUESTION_TYPES] = {
    [QUESTION_SINGLE] = {"single", HAS(OPTIONS), HAS(ORDER), 1, 1, 1, 1, true},
    [QUESTION_MULTIPLE] = {"multiple", HAS(OPTIONS), HAS(ORDER) | HAS(MIN) | HAS(MAX), 1, SURVEY_OPTIONS_MAX,
                           1, SURVEY_OPTIONS_MAX, true},
    [QUESTION_RATING] = {"rating", 0, HAS(MIN) | HAS(MAX), 0, SURVEY_RATING_MAX, 1, 5, true},
    [QUESTION_NPS] = {"nps", 0, 0, 0, 10, 0, 10, true},
    [QUESTION_MATRIX] = {"matrix", HAS(ROWS) | HAS(COLUMNS), HAS(ORDER), 1, SURVEY_ROWS_MAX, 1,
                         SURVEY_ROWS_MAX, true},
    [QUESTION_RANKING] = {"ranking", HAS(OPTIONS), HAS(ORDER) | HAS(MIN) | HAS(MAX), 1, SURVEY_OPTIONS_MAX,
                          SURVEY_OPTIONS_MAX, SURVEY_OPTIONS_MAX, true},
    [QUESTION_NUMBER] = {"number", 0, HAS(MIN) | HAS(MAX) | HAS(INTEGER), -NUMBER_LIMIT, NUMBER_LIMIT,
                         -NUMBER_LIMIT, NUMBER_LIMIT, false},
    [QUESTION_DATE] = {"date", 0, HAS(FROM) | HAS(TO), 0, 0, 0, 0, true},
    [QUESTION_SHORT_TEXT] = {"short_text", 0, HAS(MIN) | HAS(MAX), 1, SURVEY_SHORT_MAX, 1, SURVEY_SHORT_MAX,
                             true},
    [QUESTION_LONG_TEXT] = {"long_text", 0, HAS(MIN) | HAS(MAX), 1, SURVEY_LONG_MAX, 1, SURVEY_LONG_MAX,
                            true},
};

bool question_is_choice(const struct question *question)
{
    return question->type == QUESTION_SINGLE || question->type == QUESTION_MULTIPLE;
}

bool question_is_number(const struct question *question)
{
    return question->type == QUESTION_RATING || question->type == QUESTION_NPS ||
           question->type == QUESTION_NUMBER;
}

static bool read_type(const json_t *json, const struct place *place, struct question *question,
                      struct survey_report *report)
{
    const struct place here = {.parent = place, .name = SLICE("type")};
    struct slice name = json_slice(json_object_get(json, "type"));
    for (size_t i = 0; name.data && i < QUESTION_TYPES; i++) {
        if (slice_is(name, types[i].name)) {
            question->type = (enum question_type)i;
            return true;
        }
    }
    survey_fault_at(report, name.data ? SURVEY_FAULT_not_allowed : SURVEY_FAULT_required, &here, NULL);
    return false;
}

static void check_members(const json_t *json, const struct type *type, const struct place *place,
                          struct survey_report *report)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct place here = {.parent = place, .name = slice_of(member_names[i])};
        bool is_there = json_object_get(json, member_names[i]);
        if (!is_there && (type->needed & (1U << i)))
            survey_fault_at(report, SURVEY_FAULT_required, &here, NULL);
        if (is_there && !((type->needed | type->allowed) & (1U << i)))
            survey_fault_at(report, SURVEY_FAULT_not_for_type, &here, type->name);
    }
}

/* --- limits ------------------------------------------------------------------------------------ */

static double read_limit(const json_t *json, const char *name, double fallback, const struct type *type,
                         const struct place *place, struct survey_report *report)
{
    const json_t *value = json_object_get(json, name);
    const struct place here = {.parent = place, .name = slice_of(name)};
    if (!value)
        return fallback;
    double number = json_number_value(value);
    if (!json_is_number(value) || (type->is_whole && !json_is_integer(value)))
        survey_fault_at(report, SURVEY_FAULT_wrong_type, &here, type->is_whole ? "integer" : "number");
    else if (number < type->least)
        survey_fault_number(report, SURVEY_FAULT_too_small, &here, type->least);
    else if (number > type->most)
        survey_fault_number(report, SURVEY_FAULT_too_large, &here, type->most);
    else
        return number;
    return fallback;
}

static void read_limits(const json_t *json, struct question *question, const struct place *place,
                        struct survey_report *report)
{
    struct type type = types[question->type];
    const struct place here = {.parent = place, .name = SLICE("max")};
    if (question->options.count > 0 && question->type != QUESTION_SINGLE) { /* how many may be chosen */
        type.most = (double)question->options.count;
        type.max_default = type.most;
        type.min_default = type.min_default < type.most ? type.min_default : type.most;
    }
    question->max = read_limit(json, "max", type.max_default, &type, place, report);
    if (question->type == QUESTION_RANKING && json_object_get(json, "max"))
        type.min_default = type.least;
    question->min = read_limit(json, "min", type.min_default, &type, place, report);
    bool is_scale = question->type == QUESTION_RATING;
    if (question->max < question->min + is_scale)
        survey_fault_number(report, SURVEY_FAULT_too_small, &here, question->min + is_scale);
    question->is_integer = json_is_true(json_object_get(json, "integer"));
}

static struct slice read_date(struct survey *survey, const json_t *json, const char *name,
                              const struct place *place, struct survey_report *report)
{
    const json_t *value = json_object_get(json, name);
    const struct place here = {.parent = place, .name = slice_of(name)};
    struct slice text = json_slice(value);
    struct date date;
    if (!value)
        return (struct slice){0};
    if (text.data && date_parse(text, &date))
        return arena_slice(&survey->arena, text);
    survey_fault_at(report, SURVEY_FAULT_wrong_format, &here, "date");
    return (struct slice){0};
}

static void read_dates(struct survey *survey, const json_t *json, struct question *question,
                       const struct place *place, struct survey_report *report)
{
    const struct place here = {.parent = place, .name = SLICE("to")};
    question->from = read_date(survey, json, "from", place, report);
    question->to = read_date(survey, json, "to", place, report);
    if (question->from.data && question->to.data && strcmp(question->to.data, question->from.data) < 0)
        survey_fault_at(report, SURVEY_FAULT_too_small, &here,
                        arena_strdup(report->arena, question->from.data));
}

/* --- questions --------------------------------------------------------------------------------- */

static void read_lists(struct survey *survey, const json_t *json, struct question *question,
                       const struct place *place, struct survey_report *report)
{
    unsigned needed = types[question->type].needed;
    const struct {
        enum member member;
        size_t most;
        struct id_list *list;
    } lists[] = {{MEMBER_OPTIONS, SURVEY_OPTIONS_MAX, &question->options},
                 {MEMBER_ROWS, SURVEY_ROWS_MAX, &question->options},
                 {MEMBER_COLUMNS, SURVEY_COLUMNS_MAX, &question->columns}};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const char *name = member_names[lists[i].member];
        const struct place here = {.parent = place, .name = slice_of(name)};
        const json_t *value = json_object_get(json, name);
        if (value && (needed & (1U << lists[i].member)))
            *lists[i].list = read_ids(survey, value, lists[i].most, &here, report);
    }
}

static void read_question(struct survey *survey, const json_t *json, const struct place *place,
                          struct survey_report *report)
{
    struct question *question = &survey->questions[survey->count];
    const struct place id = {.parent = place, .name = SLICE("id")};
    const struct place condition = {.parent = place, .name = SLICE("show_if")};

    question->id = read_id(survey, json, place, report);
    if (question->id.data && survey_find(survey, question->id) < survey->count)
        survey_fault_at(report, SURVEY_FAULT_not_unique, &id, NULL);
    question->is_required = json_is_true(json_object_get(json, "required"));
    if (read_type(json, place, question, report)) {
        check_members(json, &types[question->type], place, report);
        read_lists(survey, json, question, place, report);
        read_limits(json, question, place, report);
        read_dates(survey, json, question, place, report);
    }
    if (json_object_get(json, "show_if"))
        question->show_if = condition_compile(survey, json_object_get(json, "show_if"), &condition, report);
}

/* Ids are looked at before all else: a condition tells a later question from one that is nowhere. */
static void read_questions(struct survey *survey, const json_t *questions, struct survey_report *report)
{
    size_t count = json_array_size(questions);
    survey->questions = arena_alloc_array(&survey->arena, count, sizeof *survey->questions);
    survey->total = count;
    for (size_t i = 0; i < count; i++)
        survey->questions[i].id = json_slice(json_object_get(json_array_get(questions, i), "id"));
    for (survey->count = 0; survey->count < count; survey->count++) {
        const struct place place = {.index = survey->count};
        read_question(survey, json_array_get(questions, survey->count), &place, report);
    }
}

struct survey *survey_compile(const json_t *questions, struct survey_report *report)
{
    struct survey *survey = calloc(1, sizeof *survey);
    if (!survey)
        abort();
    arena_init(&survey->arena, 4096);
    size_t count = json_array_size(questions), before = report->count;
    if (!json_is_array(questions))
        survey_fault_at(report, SURVEY_FAULT_wrong_type, NULL, "array");
    else if (count < 1 || count > SURVEY_QUESTIONS_MAX)
        survey_fault_number(report, count < 1 ? SURVEY_FAULT_too_few_items : SURVEY_FAULT_too_many_items,
                            NULL, count < 1 ? 1 : SURVEY_QUESTIONS_MAX);
    else
        read_questions(survey, questions, report);
    if (report->count == before)
        return survey;
    survey_free(survey);
    return NULL;
}

void survey_free(struct survey *survey)
{
    if (!survey)
        return;
    arena_done(&survey->arena);
    free(survey);
}

size_t survey_question_count(const struct survey *survey)
{
    return survey->count;
}

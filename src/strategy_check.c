/* What a schema cannot say about a strategy file: names used once, references that lead somewhere,
 * permissions that exist, patterns that do not overlap, and sentences that really stand in the statement.
 *
 * Everything here is told by tables where it can be. A document may have any shape: what is missing or of a
 * wrong type the schema has already said, and is passed over. */
#include "strategy.h"

#include "base/buffer.h"
#include "domain/policy.h"

#include <stdint.h>

#define ELLIPSIS  "…"
#define ITEMS_MAX 1000 /* more than the schema allows of anything: such a list is not looked through */

struct checking {
    struct document *document;
    const json_t *json;
    struct strategy_faults *faults;
};

#define COMPLAIN(checking, pointer, ...)                                                                     \
    strategy_fault_add((checking)->faults, (checking)->document, (pointer),                                  \
                       arena_printf((checking)->faults->arena, __VA_ARGS__))

#define POINTER(checking, ...) arena_printf((checking)->faults->arena, __VA_ARGS__)

static const json_t *list_of(const struct checking *checking, const char *name)
{
    const json_t *list = json_object_get(checking->json, name);
    return json_is_array(list) && json_array_size(list) <= ITEMS_MAX ? list : NULL;
}

static const char *text_of(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

/* The first item of a list whose `member` equals `value`; the list's size if there is none. */
static size_t find_in(const json_t *list, const char *member, const json_t *value)
{
    size_t i = 0;
    while (i < json_array_size(list) && !json_equal(json_object_get(json_array_get(list, i), member), value))
        i++;
    return i;
}

/* --- names used once --------------------------------------------------------------------------------- */

static const struct {
    const char *list, *member;
} keys[] = {
    {"legal_bases", "code"}, {"promises", "code"}, {"working_week", "valid_from"},
    {"units", "code"},       {"channels", "code"}, {"roles", "name"},
    {"services", "code"},    {"faq", "code"},      {"contact", "code"},
};

static void check_unique(const struct checking *checking, const char *list_name, const char *member)
{
    const json_t *list = list_of(checking, list_name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *value = json_object_get(json_array_get(list, i), member);
        size_t first = find_in(list, member, value);
        if (value && first < i)
            COMPLAIN(checking, POINTER(checking, "/%s/%zu/%s", list_name, i, member),
                     "\"%s\" is taken by /%s/%zu.", json_string_value(value) ? json_string_value(value) : "",
                     list_name, first);
    }
}

/* --- references -------------------------------------------------------------------------------------- */

static void check_windows(const struct checking *checking)
{
    const json_t *promises = list_of(checking, "promises");
    for (size_t kind = 0; kind < DRAFT_KINDS; kind++) {
        const json_t *window =
            json_object_get(json_object_get(checking->json, "windows"), draft_kind_names[kind]);
        const json_t *promise = json_object_get(window, "promise");
        if (json_is_string(promise) && find_in(promises, "code", promise) == json_array_size(promises))
            COMPLAIN(checking, POINTER(checking, "/windows/%s/promise", draft_kind_names[kind]),
                     "There is no promise \"%s\".", json_string_value(promise));
    }
}

static void check_units(const struct checking *checking)
{
    const json_t *units = list_of(checking, "units");
    for (size_t i = 0; i < json_array_size(units); i++) {
        const json_t *parent = json_object_get(json_array_get(units, i), "parent_code");
        if (json_is_string(parent) && find_in(units, "code", parent) >= i)
            COMPLAIN(checking, POINTER(checking, "/units/%zu/parent_code", i),
                     "There is no unit \"%s\" above this one.", json_string_value(parent));
    }
}

/* Of what belongs to a unit. */
static void check_unit_of(const struct checking *checking, const char *list_name)
{
    const json_t *list = list_of(checking, list_name), *units = list_of(checking, "units");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *unit = json_object_get(json_array_get(list, i), "unit_code");
        if (json_is_string(unit) && find_in(units, "code", unit) == json_array_size(units))
            COMPLAIN(checking, POINTER(checking, "/%s/%zu/unit_code", list_name, i),
                     "There is no unit \"%s\".", json_string_value(unit));
    }
}

/* True unless both are numbers and the second is no larger. */
static bool may_follow(const json_t *before, const json_t *after)
{
    return !json_is_integer(before) || !json_is_integer(after) ||
           json_integer_value(before) < json_integer_value(after);
}

/* The ladder: a role that exists, and each step later than the one before. */
static void check_escalation(const struct checking *checking)
{
    const json_t *steps = list_of(checking, "escalation"), *roles = list_of(checking, "roles");
    const json_t *before = NULL;
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *role = json_object_get(json_array_get(steps, i), "role");
        const json_t *offset = json_object_get(json_array_get(steps, i), "offset_days");
        if (json_is_string(role) && find_in(roles, "name", role) == json_array_size(roles))
            COMPLAIN(checking, POINTER(checking, "/escalation/%zu/role", i), "There is no role \"%s\".",
                     json_string_value(role));
        if (!may_follow(before, offset))
            COMPLAIN(checking, POINTER(checking, "/escalation/%zu/offset_days", i),
                     "A step must be later than the one before.");
        before = offset;
    }
}

static bool is_permission(const char *name)
{
    for (size_t i = 0; i < PERMISSION_COUNT; i++)
        if (strcmp(name, permission_names[i]) == 0)
            return true;
    return false;
}

static void check_roles(const struct checking *checking)
{
    const json_t *roles = list_of(checking, "roles");
    for (size_t i = 0; i < json_array_size(roles); i++) {
        const json_t *permissions = json_object_get(json_array_get(roles, i), "permissions");
        for (size_t k = 0; k < json_array_size(permissions); k++) {
            const char *name = json_string_value(json_array_get(permissions, k));
            if (name && !is_permission(name))
                COMPLAIN(checking, POINTER(checking, "/roles/%zu/permissions/%zu", i, k),
                         "There is no permission \"%s\".", name);
        }
    }
}

/* --- time ---------------------------------------------------------------------------------------------- */

/* Dates of the form YYYY-MM-DD, which sort as text. */
static void check_working_week(const struct checking *checking)
{
    const json_t *weeks = list_of(checking, "working_week");
    const char *free_from = "";
    for (size_t i = 0; i < json_array_size(weeks); i++) {
        const json_t *week = json_array_get(weeks, i);
        const char *from = text_of(week, "valid_from"), *to = text_of(week, "valid_to");
        if (from && (!free_from || strcmp(from, free_from) < 0))
            COMPLAIN(checking, POINTER(checking, "/working_week/%zu/valid_from", i),
                     "The pattern before holds longer than that.");
        if (from && to && strcmp(to, from) <= 0)
            COMPLAIN(checking, POINTER(checking, "/working_week/%zu/valid_to", i),
                     "A pattern must end after its first day.");
        free_from = to;
    }
}

/* --- promises ------------------------------------------------------------------------------------------ */

/* U+00A0 in UTF-8; the statements are full of it. */
static size_t blank_length(const char *text)
{
    if (strncmp(text, "\u00a0", 2) == 0)
        return 2;
    return *text == ' ' || *text == '\t' || *text == '\n';
}

/* Runs of blanks become one blank, those at the ends go. */
static void fold_into(struct buffer *out, const char *text)
{
    bool is_behind_word = false;
    while (*text) {
        size_t blank = blank_length(text);
        if (blank == 0) {
            buffer_char(out, *text++);
            is_behind_word = true;
            continue;
        }
        for (; blank > 0; blank = blank_length(text))
            text += blank;
        if (is_behind_word && *text)
            buffer_char(out, ' ');
    }
}

static void fold_statement(const struct checking *checking, struct buffer *out)
{
    const json_t *paragraphs = list_of(checking, "statement");
    for (size_t i = 0; i < json_array_size(paragraphs); i++) {
        const char *text = json_string_value(json_array_get(paragraphs, i));
        fold_into(out, text ? text : "");
        buffer_char(out, ' ');
    }
}

/* Every piece between "…" stands in the statement, behind the piece before. */
static bool stands_in(const char *statement, const char *sentence)
{
    CLEANUP(buffer_done) struct buffer folded;
    buffer_init(&folded, STRATEGY_BYTES_MAX);
    fold_into(&folded, sentence);
    char *piece = folded.data, *next;

    for (; statement && piece; piece = next) {
        next = strstr(piece, ELLIPSIS);
        if (next) {
            *next = '\0';
            if (next > piece && next[-1] == ' ')
                next[-1] = '\0';
            next += strlen(ELLIPSIS);
            next += *next == ' ';
        }
        statement = strstr(statement, piece);
        statement = statement ? statement + strlen(piece) : NULL;
    }
    return statement != NULL;
}

static void check_promises(const struct checking *checking)
{
    CLEANUP(buffer_done) struct buffer statement;
    buffer_init(&statement, 2 * STRATEGY_BYTES_MAX);
    fold_statement(checking, &statement);

    const json_t *promises = list_of(checking, "promises");
    for (size_t i = 0; i < json_array_size(promises); i++) {
        const json_t *promise = json_array_get(promises, i);
        const char *sentence = text_of(promise, "sentence");
        if (sentence && !stands_in(statement.data ? statement.data : "", sentence))
            COMPLAIN(checking, POINTER(checking, "/promises/%zu/sentence", i),
                     "The statement does not say this.");
        if (json_is_object(promise) && !text_of(promise, "measure") == !text_of(promise, "not_measurable"))
            COMPLAIN(checking, POINTER(checking, "/promises/%zu", i),
                     "Exactly one of measure and not_measurable must be set.");
    }
}

void strategy_check(struct document *document, struct strategy_faults *faults)
{
    const struct checking checking = {document, document_json(document), faults};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        check_unique(&checking, keys[i].list, keys[i].member);
    check_windows(&checking);
    check_units(&checking);
    check_unit_of(&checking, "services");
    check_unit_of(&checking, "contact");
    check_escalation(&checking);
    check_roles(&checking);
    check_working_week(&checking);
    check_promises(&checking);
}

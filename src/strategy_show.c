/* Tells the rows of strategy_apply in lines of text. Short values are shown as old → new, long ones only
 * named. */
#include "strategy_show.h"

#include "base/text.h"

#include <jansson.h>
#include <stdlib.h>

#define SHORT_TEXT 40 /* code points */

static const struct {
    const char *section, *title;
} sections[] = {
    {"legal_basis", "legal basis"},
    {"working_week", "working week from"},
    {"escalation_step", "escalation step at"},
};

static const char *title_of(struct slice section, char room[64])
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (slice_is(section, sections[i].section))
            return sections[i].title;
    snprintf(room, 64, "%.*s", (int)section.len, section.data);
    return room;
}

static json_t *json_at(const struct rows *rows, unsigned row, const char *column)
{
    struct slice text = rows_text(rows, row, rows_column(rows, column));
    json_t *json = json_loadb(text.data, text.len, JSON_DECODE_ANY, NULL);
    if (!json)
        abort(); /* the database wrote it */
    return json;
}

/* --- windows: "14 days → 1 month" -------------------------------------------------------------------------
 */

static void window_text(const json_t *window, char out[64])
{
    const char *unit = json_string_value(json_object_get(window, "unit"));
    json_int_t length = json_integer_value(json_object_get(window, "length"));
    if (strcmp(unit, "none") == 0)
        snprintf(out, 64, "no promise");
    else
        snprintf(out, 64, "%" JSON_INTEGER_FORMAT " %.*s", length, (int)strlen(unit) - (length == 1), unit);
}

static void show_window(const json_t *before, const json_t *after, FILE *out)
{
    char old[64], new[64];
    window_text(before, old);
    window_text(after, new);
    if (strcmp(old, new) != 0)
        fprintf(out, "%s → %s", old, new);
    else
        fputs("promise_code", out);
}

/* --- everything else: the members that changed ---------------------------------------------------------- */

static bool is_short(const json_t *value)
{
    if (json_is_string(value))
        return text_length(slice_of(json_string_value(value))) <= SHORT_TEXT;
    return !json_is_object(value) && !json_is_array(value);
}

static void show_value(const json_t *value, FILE *out)
{
    char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    fputs(text ? text : json_string_value(value), out);
    free(text);
}

static void show_members(const json_t *before, json_t *after, FILE *out)
{
    const char *member, *comma = "";
    json_t *new;
    json_object_foreach (after, member, new) {
        const json_t *old = json_object_get(before, member);
        if (json_equal(old, new))
            continue;
        fprintf(out, "%s%s", comma, member);
        comma = ", ";
        if (!is_short(old) || !is_short(new))
            continue;
        fputs(": ", out);
        show_value(old, out);
        fputs(" → ", out);
        show_value(new, out);
    }
}

static void show_change(const struct rows *rows, unsigned row, struct slice section, FILE *out)
{
    json_t *before = json_at(rows, row, "before"), *after = json_at(rows, row, "after");
    fputs(": ", out);
    if (slice_is(section, "window"))
        show_window(before, after, out);
    else
        show_members(before, after, out);
    json_decref(before);
    json_decref(after);
}

static void show_row(const struct rows *rows, unsigned row, bool is_pruning, FILE *out)
{
    char room[64];
    struct slice section = rows_text(rows, row, rows_column(rows, "section"));
    struct slice key = rows_text(rows, row, rows_column(rows, "key"));
    bool is_new = rows_is_null(rows, row, rows_column(rows, "before"));
    bool is_gone = rows_is_null(rows, row, rows_column(rows, "after"));

    fprintf(out, "%c %s %.*s",
            is_new    ? '+'
            : is_gone ? '-'
                      : '~',
            title_of(section, room), (int)key.len, key.data);
    if (is_gone)
        fputs(is_pruning ? ": retired" : ": kept; run with --prune to retire it", out);
    else if (!is_new)
        show_change(rows, row, section, out);
    fputc('\n', out);
}

void strategy_show(const struct rows *rows, bool is_pruning, FILE *out)
{
    if (rows_count(rows) == 1 && rows_is_null(rows, 0, rows_column(rows, "section"))) {
        fputs("= nothing to change\n", out);
        return;
    }
    for (unsigned row = 0; row < rows_count(rows); row++)
        show_row(rows, row, is_pruning, out);
}

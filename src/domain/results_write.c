/* Results as JSON: all members of every question, null where it has none. Shares are of shown numbers: of those who
 * answered, and in a breakdown of its column. */
#include "results_internal.h"

#include <math.h>
#include <string.h>

static const char *const withheld_names[] = {
    [WITHHELD_NOT] = NULL, [WITHHELD_FEW] = "few", [WITHHELD_DEPENDS] = "depends"};

static const char *const type_names[RESULT_TYPES] = {
    "single", "multiple", "rating", "nps", "matrix", "ranking", "number", "date", "short_text", "long_text"};

static void put_text(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, "\"%s\":", name);
    if (text)
        buffer_json_string(out, slice_of(text));
    else
        buffer_str(out, "null");
}

static void put_number(struct buffer *out, const char *name, bool is_there, double number)
{
    buffer_printf(out, "\"%s\":", name);
    if (is_there)
        buffer_printf(out, "%.10g", round(number * 10000) / 10000);
    else
        buffer_str(out, "null");
}

static void put_count(struct buffer *out, const char *name, bool is_there, int64_t count)
{
    buffer_printf(out, "\"%s\":", name);
    if (is_there)
        buffer_int(out, count);
    else
        buffer_str(out, "null");
}

static void put_titles(struct buffer *out, const json_t *label)
{
    put_text(out, "title_fa", json_string_value(json_object_get(label, "title_fa")));
    buffer_char(out, ',');
    put_text(out, "title_en", json_string_value(json_object_get(label, "title_en")));
}

static void put_ends(struct buffer *out, const struct cell *cell)
{
    if (cell->from_month) {
        put_text(out, "from", cell->from_month);
        buffer_char(out, ',');
        put_text(out, "to", cell->to_month);
        return;
    }
    put_number(out, "from", !cell->key && !cell->is_from_open, cell->from);
    buffer_char(out, ',');
    put_number(out, "to", !cell->key && !cell->is_to_open, cell->to);
}

static void put_by(struct buffer *out, const struct cell *cell, const struct breakdown *breakdown)
{
    buffer_str(out, "\"by\":");
    if (!breakdown || !cell->by) {
        buffer_str(out, "null");
        return;
    }
    const struct part *by = &breakdown->by->whole;
    buffer_char(out, '[');
    for (size_t c = 0; c < breakdown->columns; c++) {
        bool has_total = c < by->cell_count && !by->cells[c].is_hidden && by->cells[c].count > 0,
             is_shown = cell->by[c] >= 0;
        buffer_str(out, c > 0 ? ",{" : "{");
        put_count(out, "count", is_shown, cell->by[c]);
        buffer_char(out, ',');
        put_number(out, "share", is_shown && has_total,
                   has_total ? (double)cell->by[c] / (double)by->cells[c].count : 0);
        buffer_char(out, '}');
    }
    buffer_char(out, ']');
}

static void put_cells(struct buffer *out, const struct part *part, const struct breakdown *breakdown)
{
    size_t count = part->is_hidden ? 0 : part->cell_count;
    buffer_str(out, "\"cells\":[");
    for (size_t i = 0; i < count; i++) {
        const struct cell *cell = &part->cells[i];
        buffer_str(out, i > 0 ? ",{" : "{");
        put_text(out, "key", cell->key);
        buffer_char(out, ',');
        put_ends(out, cell);
        buffer_char(out, ',');
        put_titles(out, cell->label);
        buffer_char(out, ',');
        put_count(out, "count", !cell->is_hidden, cell->count);
        buffer_char(out, ',');
        put_number(out, "share", !cell->is_hidden && part->answered > 0,
                   (double)cell->count / (double)part->answered);
        buffer_char(out, ',');
        put_by(out, cell, breakdown);
        buffer_char(out, '}');
    }
    buffer_char(out, ']');
}

static void put_rows(struct buffer *out, const struct entry *entry, const struct breakdown *breakdown)
{
    buffer_str(out, "\"rows\":[");
    for (size_t i = 0; i < entry->row_count; i++) {
        const struct part *row = &entry->rows[i];
        buffer_str(out, i > 0 ? ",{" : "{");
        put_text(out, "key", row->key);
        buffer_char(out, ',');
        put_titles(out, row->label);
        buffer_char(out, ',');
        put_count(out, "answered", !row->is_hidden, row->answered);
        buffer_char(out, ',');
        put_number(out, "mean_rank", row->has_mean && !row->is_hidden, row->mean);
        buffer_char(out, ',');
        put_number(out, "borda", row->has_borda && !row->is_hidden, row->borda);
        buffer_char(out, ',');
        put_cells(out, row, breakdown);
        buffer_char(out, '}');
    }
    buffer_char(out, ']');
}

static void put_versions(struct buffer *out, const struct entry *entry)
{
    buffer_str(out, "\"versions\":[");
    for (size_t i = entry->version_count; i-- > 0;) {
        buffer_int(out, entry->versions[i]);
        buffer_str(out, i > 0 ? "," : "");
    }
    buffer_char(out, ']');
}

static void put_statistics(struct buffer *out, const struct entry *entry)
{
    const struct part *whole = &entry->whole;
    put_number(out, "mean", whole->has_mean, whole->mean);
    buffer_char(out, ',');
    put_number(out, "median", whole->has_median, whole->median);
    buffer_char(out, ',');
    put_number(out, "nps", entry->has_nps, entry->nps);
    buffer_char(out, ',');
    put_number(out, "low", entry->has_bounds, entry->low);
    buffer_char(out, ',');
    put_number(out, "high", entry->has_bounds, entry->high);
    buffer_printf(out, ",\"is_approximate\":%s", entry->is_approximate ? "true" : "false");
}

/* Nothing of a question that is withheld, not even what was computed before. */
static void put_entry(struct buffer *out, const struct entry *entry, const struct breakdown *breakdown)
{
    const struct entry bare = {.id = entry->id,
                               .type = entry->type,
                               .question = entry->question,
                               .versions = entry->versions,
                               .version_count = entry->version_count,
                               .withheld = entry->withheld};
    const struct entry *shown = entry->withheld ? &bare : entry;
    buffer_char(out, '{');
    put_text(out, "id", shown->id);
    buffer_char(out, ',');
    put_text(out, "type", type_names[shown->type]);
    buffer_char(out, ',');
    put_titles(out, shown->question);
    buffer_char(out, ',');
    put_versions(out, shown);
    buffer_char(out, ',');
    put_count(out, "answered", !shown->withheld, shown->whole.answered);
    buffer_char(out, ',');
    put_text(out, "withheld", withheld_names[shown->withheld]);
    buffer_char(out, ',');
    put_cells(out, &shown->whole, breakdown);
    buffer_char(out, ',');
    put_rows(out, shown, breakdown);
    buffer_char(out, ',');
    put_statistics(out, shown);
    buffer_char(out, '}');
}

static void put_breakdown(struct buffer *out, const struct breakdown *breakdown)
{
    const struct part *by = &breakdown->by->whole;
    buffer_str(out, "{");
    put_text(out, "id", breakdown->by->id);
    buffer_char(out, ',');
    put_titles(out, breakdown->by->question);
    buffer_str(out, ",\"columns\":[");
    for (size_t c = 0; c < breakdown->columns; c++) {
        const struct cell none = {0}, *cell = c < by->cell_count ? &by->cells[c] : &none;
        buffer_str(out, c > 0 ? ",{" : "{");
        put_text(out, "key", cell->key);
        buffer_char(out, ',');
        put_titles(out, cell->label);
        buffer_char(out, ',');
        put_count(out, "count", cell->key && !cell->is_hidden, cell->count);
        buffer_char(out, '}');
    }
    buffer_str(out, "]}");
}

static void cross(const struct results *results, const struct breakdown *breakdown, struct entry *entry)
{
    results_cross(results, breakdown, entry, &entry->whole);
    for (size_t i = 0; i < entry->row_count; i++)
        results_cross(results, breakdown, entry, &entry->rows[i]);
}

static void put_by_ids(struct buffer *out, const struct results *results)
{
    buffer_str(out, "\"by_offered\":[");
    for (size_t i = 0; i < results_by_count(results); i++) {
        buffer_str(out, i > 0 ? "," : "");
        buffer_json_string(out, slice_of(results_by_id(results, i)));
    }
    buffer_char(out, ']');
}

void results_write(const struct results *results, const char *by, struct buffer *out)
{
    const struct entry *entry = by ? results_find(results, by) : NULL;
    struct breakdown breakdown = {0};
    buffer_char(out, '{');
    put_count(out, "responses", results->responses >= results->k, results->responses);
    buffer_char(out, ',');
    put_by_ids(out, results);
    buffer_str(out, ",\"by\":");
    if (entry) {
        breakdown = results_break_down(results, entry);
        put_breakdown(out, &breakdown);
    } else {
        buffer_str(out, "null");
    }
    buffer_str(out, ",\"questions\":[");
    for (size_t i = 0; i < results->count; i++) {
        struct entry *question = &results->entries[i];
        bool is_crossed = entry && results_may_cross(question, entry);
        if (is_crossed)
            cross(results, &breakdown, question);
        buffer_str(out, i > 0 ? "," : "");
        put_entry(out, question, is_crossed ? &breakdown : NULL);
    }
    buffer_str(out, "]}");
}

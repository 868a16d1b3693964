/* The cells of choices, matrices and rankings, and whether questions that depend on others tell of them. */
#include "results_internal.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX 160

static const char *id_of(const json_t *option)
{
    return json_string_value(json_object_get(option, "id"));
}

static bool is_small(const struct results *results, int64_t count)
{
    return count > 0 && count < results->k;
}

/* --- choices ----------------------------------------------------------------------------------- */

static void add_options(const struct results *results, const struct entry *entry,
                        const json_t *const *options, size_t count, struct part *part)
{
    part->cells = arena_alloc_array(results->arena, count + 1, sizeof *part->cells);
    part->cell_count = count;
    for (size_t i = 0; i < count; i++) {
        const char **raw = arena_alloc(results->arena, sizeof *raw);
        *raw = arena_printf(results->arena, "%s%s", part->prefix ? part->prefix : "", id_of(options[i]));
        part->cells[i] =
            (struct cell){.key = id_of(options[i]), .label = options[i], .raw = raw, .raw_count = 1};
        part->cells[i].count = results_count(results, entry, *raw, NULL, "");
    }
}

/* Hides cells whose sum everybody knows. False: nothing may be shown. */
static bool protect(const struct results *results, struct part *part)
{
    size_t count = part->cell_count;
    int64_t *counts = arena_alloc_array(results->arena, count + 1, sizeof *counts);
    bool *hidden = arena_alloc_array(results->arena, count + 1, sizeof *hidden);
    for (size_t i = 0; i < count; i++) {
        counts[i] = part->cells[i].count;
        hidden[i] = part->cells[i].is_hidden;
    }
    bool is_fine = disclosure_protect_list(counts, count, results->k, hidden);
    for (size_t i = 0; i < count; i++)
        part->cells[i].is_hidden = hidden[i];
    return is_fine;
}

static void make_single(struct results *results, struct entry *entry)
{
    add_options(results, entry, entry->options, entry->option_count, &entry->whole);
    if (!protect(results, &entry->whole))
        entry->withheld = WITHHELD_FEW;
}

/* Whoever did not choose an option is a group, too. The counts do not add up to a known sum unless everybody had to
 * choose equally many; to hide as if they did is never wrong. */
static void make_multiple(struct results *results, struct entry *entry)
{
    struct part *part = &entry->whole;
    add_options(results, entry, entry->options, entry->option_count, part);
    for (size_t i = 0; i < part->cell_count; i++)
        part->cells[i].is_hidden = is_small(results, part->answered - part->cells[i].count);
    if (!protect(results, part))
        entry->withheld = WITHHELD_FEW;
}

static struct part *add_rows(const struct results *results, struct entry *entry)
{
    entry->row_count = entry->option_count;
    entry->rows = arena_alloc_array(results->arena, entry->row_count + 1, sizeof *entry->rows);
    for (size_t i = 0; i < entry->row_count; i++)
        entry->rows[i] =
            (struct part){.key = id_of(entry->options[i]),
                          .label = entry->options[i],
                          .prefix = arena_printf(results->arena, "%s.", id_of(entry->options[i]))};
    return entry->rows;
}

static void make_matrix(struct results *results, struct entry *entry)
{
    struct part *rows = add_rows(results, entry);
    for (size_t i = 0; i < entry->row_count; i++) {
        add_options(results, entry, entry->columns, entry->column_count, &rows[i]);
        for (size_t c = 0; c < rows[i].cell_count; c++)
            rows[i].answered += rows[i].cells[c].count;
        rows[i].is_hidden = rows[i].answered < results->k || !protect(results, &rows[i]);
    }
}

/* --- rankings ---------------------------------------------------------------------------------- */

static void add_positions(const struct results *results, const struct entry *entry, struct part *row,
                          size_t count)
{
    row->cells = arena_alloc_array(results->arena, count + 1, sizeof *row->cells);
    row->cell_count = count;
    for (size_t p = 0; p < count; p++) {
        char key[KEY_MAX];
        snprintf(key, sizeof key, "%s%zu", row->prefix, p + 1);
        row->cells[p] = (struct cell){.from = (double)(p + 1), .to = (double)(p + 1)};
        row->cells[p].count = results_count(results, entry, key, NULL, "");
        row->answered += row->cells[p].count;
    }
}

static bool has_small(const struct results *results, const struct entry *entry, size_t position)
{
    for (size_t i = 0; i < entry->row_count; i++)
        if (is_small(results, entry->rows[i].cells[position].count))
            return true;
    return false;
}

/* Joins position `p` with the one behind it, in all rows: their sums over the options are known, so that rows cannot be
 * joined each in its own way. */
static void join_positions(struct entry *entry, size_t p)
{
    for (size_t i = 0; i < entry->row_count; i++) {
        struct part *row = &entry->rows[i];
        row->cells[p].to = row->cells[p + 1].to;
        row->cells[p].count += row->cells[p + 1].count;
        row->cells[p].is_joined = true;
        row->cell_count--;
        memmove(&row->cells[p + 1], &row->cells[p + 2], (row->cell_count - p - 1) * sizeof row->cells[0]);
    }
    entry->is_approximate = true;
}

static void join_small_positions(const struct results *results, struct entry *entry)
{
    size_t p = 0;
    while (entry->rows[0].cell_count > 1 && p < entry->rows[0].cell_count) {
        if (!has_small(results, entry, p)) {
            p++;
            continue;
        }
        p = p + 1 < entry->rows[0].cell_count ? p : p - 1; /* the last one joins the one before it */
        join_positions(entry, p);
    }
}

/* Borda: as many points as options stand behind, of all that could be had. */
static void rank(const struct entry *entry, struct part *row)
{
    double options = (double)entry->option_count, sum = 0, points = 0;
    for (size_t p = 0; p < row->cell_count; p++) {
        double position = (row->cells[p].from + row->cells[p].to) / 2;
        sum += position * (double)row->cells[p].count;
        points += (options - position) * (double)row->cells[p].count;
    }
    row->mean = row->answered > 0 ? sum / (double)row->answered : 0;
    row->has_mean = row->answered > 0;
    row->borda = points;
    row->has_borda = true;
}

static void make_ranking(struct results *results, struct entry *entry)
{
    struct part *rows = add_rows(results, entry);
    struct part totals = {.cell_count = entry->row_count};
    totals.cells = arena_alloc_array(results->arena, entry->row_count + 1, sizeof *totals.cells);
    for (size_t i = 0; i < entry->row_count; i++) {
        add_positions(results, entry, &rows[i], entry->row_count);
        totals.cells[i] = (struct cell){.count = rows[i].answered};
    }
    bool is_fine = protect(results, &totals), has_hidden = false;
    for (size_t i = 0; i < entry->row_count; i++) {
        rows[i].is_hidden = !is_fine || totals.cells[i].is_hidden;
        has_hidden |= rows[i].is_hidden;
    }
    if (has_hidden) { /* positions would tell of the hidden ones by subtraction */
        for (size_t i = 0; i < entry->row_count; i++)
            rows[i].cell_count = 0;
        return;
    }
    join_small_positions(results, entry);
    for (size_t i = 0; i < entry->row_count && rows[0].cell_count > 1; i++)
        rank(entry, &rows[i]);
}

/* --- all --------------------------------------------------------------------------------------- */

static void make_text(struct results *results, struct entry *entry)
{
    (void)results;
    (void)entry; /* how many answered is all */
}

void results_make_cells(struct results *results, struct entry *entry)
{
    static void (*const makers[RESULT_TYPES])(struct results *, struct entry *) = {
        [RESULT_SINGLE] = make_single,    [RESULT_MULTIPLE] = make_multiple, [RESULT_RATING] = results_scale,
        [RESULT_NPS] = results_scale,     [RESULT_MATRIX] = make_matrix,     [RESULT_RANKING] = make_ranking,
        [RESULT_NUMBER] = results_number, [RESULT_DATE] = results_date,      [RESULT_SHORT_TEXT] = make_text,
        [RESULT_LONG_TEXT] = make_text,
    };
    makers[entry->type](results, entry);
}

/* --- what conditions tell ---------------------------------------------------------------------- */

static bool part_has_small(const struct part *part)
{
    bool has_small = part->is_hidden;
    for (size_t i = 0; i < part->cell_count; i++)
        has_small |= part->cells[i].is_hidden || part->cells[i].is_joined;
    return has_small;
}

bool entry_has_small(const struct entry *entry)
{
    bool has_small = entry->withheld || part_has_small(&entry->whole) || entry->type == RESULT_NUMBER ||
                     entry->type == RESULT_DATE;
    for (size_t i = 0; i < entry->row_count; i++)
        has_small |= part_has_small(&entry->rows[i]);
    return has_small;
}

static bool names(const json_t *condition, const char *option)
{
    const json_t *equals = json_object_get(condition, "equals"), *item;
    size_t i;
    if (json_is_string(equals) && strcmp(json_string_value(equals), option) == 0)
        return true;
    json_array_foreach (json_object_get(condition, "in"), i, item)
        if (json_is_string(item) && strcmp(json_string_value(item), option) == 0)
            return true;
    return false;
}

/* Hidden options are together known to be the rest; only a condition that parts them says more. */
static bool parts_hidden(const json_t *condition, const struct part *part)
{
    size_t inside = 0, outside = 0;
    for (size_t i = 0; i < part->cell_count; i++) {
        if (!part->cells[i].is_hidden)
            continue;
        inside += names(condition, part->cells[i].key);
        outside += !names(condition, part->cells[i].key);
    }
    return inside > 0 && outside > 0;
}

static bool condition_tells(const struct results *results, const json_t *condition, bool is_alone)
{
    static const char *const lists[] = {"all", "any"};
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        const json_t *part;
        size_t i;
        json_array_foreach (json_object_get(condition, lists[l]), i, part)
            if (condition_tells(results, part, false))
                return true;
    }
    const char *id = json_string_value(json_object_get(condition, "question"));
    if (!id)
        return false;
    const struct entry *entry = results_find(results, id);
    if (!entry || !entry->is_done || entry->withheld)
        return true;
    if (is_alone && json_object_get(condition, "answered"))
        return false; /* how many answered is shown */
    if (is_alone && entry->type == RESULT_SINGLE)
        return parts_hidden(condition, &entry->whole);
    return entry_has_small(entry);
}

bool results_tells_others(const struct results *results, const struct entry *entry)
{
    for (size_t v = 0; v < entry->version_count; v++)
        if (condition_tells(results, json_object_get(entry->definitions[v], "show_if"), true))
            return true;
    return false;
}

/* Cells of what has an order: ratings, NPS, numbers, dates. Neighbours are joined until no group is small, and mean and
 * median are those of the groups that are shown. */
#include "results_internal.h"

#include "base/jalali.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BINS_WANTED 10
#define BINS_MAX    64

struct value {
    double at;
    int64_t count;
    const char *key;
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct value *)a)->at, y = ((const struct value *)b)->at;
    return (x > y) - (x < y);
}

/* What was counted, in order. */
static struct value *values_of(const struct results *results, const struct entry *entry, size_t *ret_count)
{
    size_t count;
    const char **keys = results_keys(results, entry, &count);
    struct value *values = arena_alloc_array(results->arena, count + 1, sizeof *values);
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t n = results_count(results, entry, keys[i], NULL, "");
        struct date date;
        bool is_date = entry->type == RESULT_DATE && date_parse(slice_of(keys[i]), &date);
        if (n > 0)
            values[(*ret_count)++] =
                (struct value){is_date ? (double)date_to_days(date) : strtod(keys[i], NULL), n, keys[i]};
    }
    qsort(values, *ret_count, sizeof *values, by_value);
    return values;
}

/* Cells first..last become one. */
static struct cell joined(const struct results *results, const struct cell *cells, size_t first, size_t last)
{
    struct cell cell = cells[first];
    size_t raw = 0;
    for (size_t i = first; i <= last; i++)
        raw += cells[i].raw_count;
    const char **keys = arena_alloc_array(results->arena, raw + 1, sizeof *keys);
    raw = 0;
    for (size_t i = first; i <= last; i++)
        for (size_t r = 0; r < cells[i].raw_count; r++)
            keys[raw++] = cells[i].raw[r];
    for (size_t i = first + 1; i <= last; i++)
        cell.count += cells[i].count;
    cell.to = cells[last].to;
    cell.is_to_open = cells[last].is_to_open;
    cell.to_month = cells[last].to_month;
    cell.raw = keys;
    cell.raw_count = raw;
    cell.is_joined = last > first;
    return cell;
}

/* Joins what is small within count cells from `first` on; appends to the part. False: they are few together. */
static bool join(const struct results *results, struct part *part, const struct cell *cells, size_t count)
{
    int64_t counts[BINS_MAX * 8];
    bool last[BINS_MAX * 8];
    size_t first = 0;
    for (size_t i = 0; i < count; i++)
        counts[i] = cells[i].count;
    if (!disclosure_join(counts, count, results->k, last))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!last[i])
            continue;
        part->cells[part->cell_count++] = joined(results, cells, first, i);
        first = i + 1;
    }
    return true;
}

/* Of whole numbers the last one in a group is one less than where the next begins. */
static double middle(const struct entry *entry, const struct cell *cell)
{
    bool is_whole = entry->type == RESULT_NUMBER && json_is_true(json_object_get(entry->question, "integer"));
    return (cell->from + cell->to - (is_whole && !cell->is_to_open ? 1 : 0)) / 2;
}

static void summarise(struct entry *entry)
{
    struct part *part = &entry->whole;
    double sum = 0;
    int64_t before = 0;
    for (size_t i = 0; i < part->cell_count; i++) {
        const struct cell *cell = &part->cells[i];
        sum += middle(entry, cell) * (double)cell->count;
        entry->is_approximate |= cell->is_joined || entry->type == RESULT_NUMBER;
        if (!part->has_median && 2 * (before + cell->count) >= part->answered) {
            bool is_between = 2 * (before + cell->count) == part->answered && i + 1 < part->cell_count;
            part->median =
                is_between ? (middle(entry, cell) + middle(entry, cell + 1)) / 2 : middle(entry, cell);
            part->has_median = true;
        }
        before += cell->count;
    }
    part->mean = sum / (double)part->answered;
    part->has_mean = part->cell_count > 0;
}

/* --- ratings and NPS --------------------------------------------------------------------------- */

/* 0..6 detractors, 7..8 passives, 9..10 promoters. */
static const size_t nps_ends[] = {7, 9, 11};

static bool join_by_class(const struct results *results, struct entry *entry, const struct cell *cells)
{
    size_t from = 0;
    for (size_t c = 0; c < ARRAY_LEN(nps_ends); c++) {
        if (!join(results, &entry->whole, cells + from, nps_ends[c] - from)) {
            entry->whole.cell_count = 0;
            return false;
        }
        from = nps_ends[c];
    }
    int64_t against = 0, for_it = 0;
    for (size_t i = 0; i < nps_ends[0]; i++)
        against += cells[i].count;
    for (size_t i = nps_ends[1]; i < nps_ends[2]; i++)
        for_it += cells[i].count;
    entry->nps = 100.0 * (double)(for_it - against) / (double)entry->whole.answered;
    entry->has_nps = true;
    return true;
}

void results_scale(struct results *results, struct entry *entry)
{
    struct value *values;
    size_t count;
    bool is_nps = entry->type == RESULT_NPS;
    const json_t *least = json_object_get(entry->question, "min"),
                 *most = json_object_get(entry->question, "max");
    double from = is_nps  ? 0
                  : least ? json_number_value(least)
                          : 1,
           to = is_nps ? 10
                : most ? json_number_value(most)
                       : 5;
    values = values_of(results, entry, &count);
    if (count > 0) {
        from = fmin(from, values[0].at); /* of an older version */
        to = fmax(to, values[count - 1].at);
    }
    size_t steps = (size_t)(to - from) + 1;
    struct cell *cells = arena_alloc_array(results->arena, steps, sizeof *cells);
    for (size_t i = 0; i < steps; i++)
        cells[i] = (struct cell){.from = from + (double)i, .to = from + (double)i};
    for (size_t i = 0; i < count; i++) {
        struct cell *cell = &cells[(size_t)(values[i].at - from)];
        cell->count += values[i].count;
        const char **raw = arena_alloc(results->arena, sizeof *raw);
        *raw = values[i].key;
        cell->raw = raw;
        cell->raw_count = 1;
    }
    entry->whole.cells = arena_alloc_array(results->arena, steps, sizeof *cells);
    if (!(is_nps && join_by_class(results, entry, cells)) && !join(results, &entry->whole, cells, steps)) {
        entry->withheld = WITHHELD_FEW;
        return;
    }
    summarise(entry);
}

/* --- numbers ----------------------------------------------------------------------------------- */

/* The value below or at which (from the other end: above or at which) at least k lie. */
static double bound(const struct value *values, size_t count, int64_t k, bool is_low)
{
    int64_t seen = 0;
    for (size_t n = 0; n < count; n++) {
        const struct value *value = &values[is_low ? n : count - 1 - n];
        seen += value->count;
        if (seen >= k)
            return value->at;
    }
    return 0;
}

/* 1, 2 or 5 times a power of ten; of whole numbers at least 1. */
static double bin_width(double range, bool is_integer)
{
    double rough = range / BINS_WANTED, power = pow(10, floor(log10(rough > 0 ? rough : 1))),
           times = rough / power;
    double width = power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
    return is_integer && width < 1 ? 1 : width;
}

/* The outermost groups are open: their ends would be the answers of single persons. */
void results_number(struct results *results, struct entry *entry)
{
    size_t count;
    struct value *values = values_of(results, entry, &count);
    double low = bound(values, count, results->k, true), high = bound(values, count, results->k, false);
    if (entry->whole.answered < 2 * results->k || low >= high)
        return; /* how many answered is all that can be told */
    double width = bin_width(high - low, json_is_true(json_object_get(entry->question, "integer")));
    double start = floor(low / width) * width;
    size_t bins = (size_t)((high - start) / width) + 1;
    bins = bins < BINS_MAX ? bins : BINS_MAX;
    struct cell *cells = arena_alloc_array(results->arena, bins, sizeof *cells);
    for (size_t i = 0; i < bins; i++)
        cells[i] = (struct cell){.from = i > 0 ? start + (double)i * width : low,
                                 .to = i + 1 < bins ? start + (double)(i + 1) * width : high,
                                 .is_from_open = i == 0,
                                 .is_to_open = i + 1 == bins};
    for (size_t i = 0; i < count; i++) {
        double at = floor((values[i].at - start) / width + 1e-9);
        cells[at < 0 ? 0 : at >= (double)bins ? bins - 1 : (size_t)at].count += values[i].count;
    }
    entry->whole.cells = arena_alloc_array(results->arena, bins, sizeof *cells);
    if (!join(results, &entry->whole, cells, bins))
        return;
    entry->low = low;
    entry->high = high;
    entry->has_bounds = true;
    summarise(entry);
}

/* --- dates ------------------------------------------------------------------------------------- */

static int month_of(double days)
{
    struct date date = jalali_from_gregorian(date_from_days((int64_t)days));
    return date.year * 12 + date.month - 1;
}

void results_date(struct results *results, struct entry *entry)
{
    size_t count, months = 0;
    struct value *values = values_of(results, entry, &count);
    struct cell *cells = arena_alloc_array(results->arena, count + 1, sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        int month = month_of(values[i].at);
        if (months == 0 || (int)cells[months - 1].from != month) {
            const char *name = arena_printf(results->arena, "%04d-%02d", month / 12, month % 12 + 1);
            cells[months++] = (struct cell){.from = month, .to = month, .from_month = name, .to_month = name};
        }
        cells[months - 1].count += values[i].count;
    }
    entry->whole.cells = arena_alloc_array(results->arena, months + 1, sizeof *cells);
    if (months <= BINS_MAX * 8 && !join(results, &entry->whole, cells, months))
        entry->withheld = WITHHELD_FEW;
}

/* Broken down by one question: tables whose totals are the plain results, so that those who did not answer are a row or
 * a column of their own. The table of two questions is made in one order whichever of them is asked for, or its two
 * forms could be hidden differently. */
#include "results_internal.h"

struct grid {
    struct disclosure_table table;
    int64_t *counts;
};

static struct grid grid_new(const struct results *results, size_t rows, size_t columns)
{
    struct grid grid = {.table = {.rows = rows, .columns = columns}};
    grid.counts = arena_alloc_array(results->arena, rows * columns, sizeof *grid.counts);
    grid.table.hidden = arena_alloc_array(results->arena, rows * columns, sizeof *grid.table.hidden);
    grid.table.counts = grid.counts;
    return grid;
}

static void set(struct grid *grid, size_t row, size_t column, int64_t count, bool is_hidden)
{
    grid->counts[row * grid->table.columns + column] = count;
    grid->table.hidden[row * grid->table.columns + column] = is_hidden;
}

static int64_t get(const struct grid *grid, size_t row, size_t column)
{
    return grid->counts[row * grid->table.columns + column];
}

bool results_may_cross(const struct entry *entry, const struct entry *by)
{
    static const bool is_closed[RESULT_TYPES] = {[RESULT_SINGLE] = true,
                                                 [RESULT_MULTIPLE] = true,
                                                 [RESULT_RATING] = true,
                                                 [RESULT_NPS] = true,
                                                 [RESULT_MATRIX] = true};
    return entry != by && is_closed[entry->type] && !entry->withheld && !entry->is_conditional;
}

struct breakdown results_break_down(const struct results *results, const struct entry *by)
{
    bool has_none = by->whole.answered < results->responses;
    return (struct breakdown){by, has_none, by->whole.cell_count + has_none};
}

static int64_t cross_count(const struct results *results, const struct entry *entry, const struct cell *cell,
                           const struct entry *by, const char *by_cell)
{
    int64_t sum = 0;
    for (size_t i = 0; i < cell->raw_count; i++)
        sum += results_count(results, entry, cell->raw[i], by, by_cell);
    return sum;
}

/* The totals, which the plain results have settled, and what is left in each line for those who did not answer. */
static void add_totals(struct grid *grid, const struct results *results, const struct breakdown *breakdown,
                       const struct part *part, bool has_none)
{
    const struct part *by = &breakdown->by->whole;
    size_t rows = part->cell_count, last_row = grid->table.rows - 1, last = grid->table.columns - 1;
    int64_t answered = 0;
    for (size_t r = 0; r < rows; r++) {
        set(grid, r, last, part->cells[r].count, part->cells[r].is_hidden);
        answered += part->cells[r].count;
    }
    for (size_t c = 0; c < by->cell_count; c++)
        set(grid, last_row, c, by->cells[c].count, by->cells[c].is_hidden);
    if (has_none)
        set(grid, rows, last, results->responses - answered, false);
    if (breakdown->has_none)
        set(grid, last_row, by->cell_count, results->responses - by->answered, false);
    set(grid, last_row, last, results->responses, false);
}

static void fill_rest(struct grid *grid, const struct breakdown *breakdown, size_t rows, bool has_none)
{
    size_t last_row = grid->table.rows - 1, last = grid->table.columns - 1,
           answers = breakdown->by->whole.cell_count;
    for (size_t r = 0; breakdown->has_none && r < rows; r++) {
        int64_t sum = 0;
        for (size_t c = 0; c < answers; c++)
            sum += get(grid, r, c);
        set(grid, r, answers, get(grid, r, last) - sum, false);
    }
    for (size_t c = 0; has_none && c < breakdown->columns; c++) {
        int64_t sum = 0;
        for (size_t r = 0; r < rows; r++)
            sum += get(grid, r, c);
        set(grid, rows, c, get(grid, last_row, c) - sum, false);
    }
}

static struct grid grid_of(const struct results *results, const struct breakdown *breakdown,
                           const struct entry *entry, const struct part *part)
{
    const struct part *by = &breakdown->by->whole;
    int64_t answered = 0;
    for (size_t r = 0; r < part->cell_count; r++)
        answered += part->cells[r].count;
    bool has_none = answered < results->responses;
    struct grid grid = grid_new(results, part->cell_count + has_none + 1, breakdown->columns + 1);
    for (size_t r = 0; r < part->cell_count; r++)
        for (size_t c = 0; c < by->cell_count; c++)
            set(&grid, r, c, cross_count(results, entry, &part->cells[r], breakdown->by, by->cells[c].key),
                false);
    add_totals(&grid, results, breakdown, part, has_none);
    fill_rest(&grid, breakdown, part->cell_count, has_none);
    return grid;
}

static int64_t *columns_new(const struct results *results, const struct breakdown *breakdown)
{
    return arena_alloc_array(results->arena, breakdown->columns + 1, sizeof(int64_t));
}

static void show(const struct results *results, const struct breakdown *breakdown, const struct grid *grid,
                 struct part *part)
{
    for (size_t r = 0; r < part->cell_count; r++) {
        part->cells[r].by = columns_new(results, breakdown);
        for (size_t c = 0; c < breakdown->columns; c++)
            part->cells[r].by[c] = grid->table.hidden[r * grid->table.columns + c] ? -1 : get(grid, r, c);
    }
}

/* The same table, made with the other question as its rows, and turned. */
static void cross_turned(const struct results *results, const struct breakdown *breakdown,
                         const struct entry *entry, struct part *part)
{
    struct breakdown turned = results_break_down(results, entry);
    struct grid grid = grid_of(results, &turned, breakdown->by, &breakdown->by->whole);
    if (!disclosure_protect_table(&grid.table, results->k))
        return;
    for (size_t r = 0; r < part->cell_count; r++) {
        part->cells[r].by = columns_new(results, breakdown);
        for (size_t c = 0; c < breakdown->columns; c++)
            part->cells[r].by[c] = grid.table.hidden[c * grid.table.columns + r] ? -1 : get(&grid, c, r);
    }
}

/* Options of a multiple choice overlap: each is a table of its own, of those who chose it and those who did not. */
static void cross_option(const struct results *results, const struct breakdown *breakdown,
                         const struct entry *entry, struct cell *cell)
{
    struct part alone = {.cells = cell, .cell_count = 1};
    struct grid grid = grid_of(results, breakdown, entry, &alone);
    if (grid.table.rows > 2)
        grid.table.hidden[1 * grid.table.columns + breakdown->columns] =
            cell->is_hidden; /* the rest of the total */
    if (disclosure_protect_table(&grid.table, results->k))
        show(results, breakdown, &grid, &alone);
}

void results_cross(const struct results *results, const struct breakdown *breakdown,
                   const struct entry *entry, struct part *part)
{
    for (size_t i = 0; i < part->cell_count; i++)
        part->cells[i].by = NULL;
    if (part->is_hidden)
        return;
    if (entry->type == RESULT_MULTIPLE) {
        for (size_t i = 0; i < part->cell_count; i++)
            cross_option(results, breakdown, entry, &part->cells[i]);
        return;
    }
    if (entry->is_by && entry > breakdown->by) {
        cross_turned(results, breakdown, entry, part);
        return;
    }
    struct grid grid = grid_of(results, breakdown, entry, part);
    if (disclosure_protect_table(&grid.table, results->k))
        show(results, breakdown, &grid, part);
}

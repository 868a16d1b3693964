/* Lists, scales and tables (disclosure.h). The table is the hard part.
 *
 * Turn the sign of the totals: then every row and every column of the whole table, totals included, sums to 0. Rows and
 * columns become nodes, hidden cells edges between them. Whoever knows the shown cells can shift a hidden one by 1 only
 * if others take it up, around a circle of hidden cells (Gusfield 1988); a cell on no circle is known exactly. Counts
 * are not negative, so what goes down on the way must be above 0: hence the directions of the edges. */
#include "domain/disclosure.h"

#include <string.h>

static bool is_small(int64_t count, int64_t k)
{
    return count > 0 && count < k;
}

/* --- lists ------------------------------------------------------------------------------------- */

/* The smallest that is shown, or `count`. */
static size_t smallest_shown(const int64_t *counts, size_t count, const bool *hidden)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++)
        if (!hidden[i] && (best == count || counts[i] < counts[best]))
            best = i;
    return best;
}

bool disclosure_protect_list(const int64_t *counts, size_t count, int64_t k, bool *hidden)
{
    int64_t sum = 0;
    size_t number = 0;
    for (size_t i = 0; i < count; i++) {
        hidden[i] = hidden[i] || is_small(counts[i], k);
        sum += hidden[i] ? counts[i] : 0;
        number += hidden[i];
    }
    for (size_t i = 0; number > 0 && i < count; i++) { /* or a hidden one is known not to be 0 */
        number += counts[i] == 0 && !hidden[i];
        hidden[i] |= counts[i] == 0;
    }
    while (number > 0 && (number < 2 || sum < k)) {
        size_t next = smallest_shown(counts, count, hidden);
        if (next == count)
            return false;
        hidden[next] = true;
        sum += counts[next];
        number++;
    }
    return true;
}

/* --- scales ------------------------------------------------------------------------------------ */

/* What is left at the end joins the groups before it, as many as it takes. */
static void join_rest(const int64_t *counts, size_t count, int64_t k, int64_t rest, bool *last)
{
    last[count - 1] = true;
    for (size_t i = count - 1; i-- > 0;) {
        if (last[i] && !is_small(rest, k))
            return;
        if (last[i]) {
            last[i] = false;
            rest = 0;
            for (size_t n = i + 1; n-- > 0 && (n == i || !last[n]);)
                rest += counts[n];
            for (size_t n = i + 1; n < count; n++)
                rest += counts[n];
        }
    }
}

bool disclosure_join(const int64_t *counts, size_t count, int64_t k, bool *last)
{
    int64_t sum = 0, total = 0;
    for (size_t i = 0; i < count; i++) {
        sum += counts[i];
        total += counts[i];
        last[i] = !is_small(sum, k);
        sum = last[i] ? 0 : sum;
    }
    if (is_small(total, k))
        return false;
    join_rest(counts, count, k, sum, last);
    return true;
}

/* --- tables ------------------------------------------------------------------------------------ */

static size_t at(const struct disclosure_table *table, size_t row, size_t column)
{
    return row * table->columns + column;
}

/* A row (columns of it) or a column (rows of it) as a walk: the n-th cell of line `line`; the last one is its total. */
static size_t cell_of(const struct disclosure_table *table, size_t line, size_t n)
{
    return line < table->rows - 1 ? at(table, line, n) : at(table, n, line - (table->rows - 1));
}

static size_t length_of(const struct disclosure_table *table, size_t line)
{
    return line < table->rows - 1 ? table->columns : table->rows;
}

static size_t count_lines(const struct disclosure_table *table)
{
    return table->rows - 1 + table->columns - 1;
}

/* How many of the inner cells of the line that crosses at `n` are hidden. */
static size_t hidden_across(const struct disclosure_table *table, size_t line, size_t n)
{
    size_t other = line < table->rows - 1 ? table->rows - 1 + n : n, hidden = 0;
    for (size_t i = 0; i + 1 < length_of(table, other); i++)
        hidden += table->hidden[cell_of(table, other, i)];
    return hidden;
}

/* Hides one more inner cell: rather where others are hidden already, and of these the smallest. */
static bool hide_more(const struct disclosure_table *table, size_t line)
{
    size_t best = SIZE_MAX;
    bool best_helps = false;
    for (size_t n = 0; n + 1 < length_of(table, line); n++) {
        size_t cell = cell_of(table, line, n);
        size_t row_total = at(table, cell / table->columns, table->columns - 1),
               column_total = at(table, table->rows - 1, cell % table->columns);
        bool is_empty = (!table->hidden[row_total] && table->counts[row_total] == 0) ||
                        (!table->hidden[column_total] && table->counts[column_total] == 0);
        if (table->hidden[cell] || is_empty) /* of an empty line everything is known */
            continue;
        bool helps = hidden_across(table, line, n) > 0;
        if (best == SIZE_MAX || helps > best_helps ||
            (helps == best_helps && table->counts[cell] < table->counts[best])) {
            best = cell;
            best_helps = helps;
        }
    }
    if (best == SIZE_MAX)
        return false;
    table->hidden[best] = true;
    return true;
}

/* One hidden cell is the difference of the others; several may be a small group together, unless already the total of
 * the line is one that everybody knows. */
static bool line_tells(const struct disclosure_table *table, size_t line, int64_t k)
{
    size_t length = length_of(table, line), hidden = 0, total = cell_of(table, line, length - 1);
    int64_t sum = 0;
    for (size_t n = 0; n + 1 < length; n++) {
        size_t cell = cell_of(table, line, n);
        hidden += table->hidden[cell];
        sum += table->hidden[cell] ? table->counts[cell] : 0;
    }
    if (table->hidden[total])
        return hidden == 0;
    return hidden == 1 || (hidden > 0 && sum < k && table->counts[total] >= k);
}

/* Whether the hidden cell can take another value (`is_up`: a greater one, of a total a smaller one): a way back from its
 * column to its row, or the other way round, that does not use it. Nodes: rows, then columns. */
static bool can_shift(const struct disclosure_table *table, size_t row, size_t column, bool is_up)
{
    size_t queue[DISCLOSURE_LINES_MAX + 2], head = 0, tail = 0;
    bool seen[DISCLOSURE_LINES_MAX + 2] = {false};
    size_t from = is_up ? table->rows + column : row, to = is_up ? row : table->rows + column;

    queue[tail++] = from;
    seen[from] = true;
    while (head < tail) {
        size_t node = queue[head++];
        bool is_row = node < table->rows;
        for (size_t i = 0; i < (is_row ? table->columns : table->rows); i++) {
            size_t r = is_row ? node : i, c = is_row ? i : node - table->rows;
            size_t cell = at(table, r, c), next = is_row ? table->rows + i : i;
            bool is_total = (r == table->rows - 1) != (c == table->columns - 1); /* its sign is turned */
            bool grows = is_row != is_total;
            if (seen[next] || !table->hidden[cell] || (r == row && c == column) ||
                (!grows && table->counts[cell] == 0))
                continue;
            if (next == to)
                return true;
            seen[next] = true;
            queue[tail++] = next;
        }
    }
    return false;
}

static bool is_known(const struct disclosure_table *table, size_t row, size_t column)
{
    bool is_total = (row == table->rows - 1) != (column == table->columns - 1);
    bool may_shrink = table->counts[at(table, row, column)] > 0;
    return !((!is_total || may_shrink) && can_shift(table, row, column, true)) &&
           !((is_total || may_shrink) && can_shift(table, row, column, false));
}

static void hide_small(const struct disclosure_table *table, int64_t k)
{
    for (size_t row = 0; row + 1 < table->rows; row++)
        for (size_t column = 0; column + 1 < table->columns; column++)
            table->hidden[at(table, row, column)] = is_small(table->counts[at(table, row, column)], k);
}

static void hide_all(const struct disclosure_table *table)
{
    for (size_t row = 0; row + 1 < table->rows; row++)
        memset(table->hidden + at(table, row, 0), true, table->columns - 1);
}

enum step { STEP_SAFE, STEP_MORE, STEP_STUCK };

static enum step mend_lines(const struct disclosure_table *table, int64_t k)
{
    enum step step = STEP_SAFE;
    for (size_t line = 0; line < count_lines(table); line++)
        while (line_tells(table, line, k)) {
            if (!hide_more(table, line))
                return STEP_STUCK;
            step = STEP_MORE;
        }
    return step;
}

/* Hides more where a hidden cell, or a hidden total, is known all the same. */
static enum step mend_cells(const struct disclosure_table *table)
{
    for (size_t row = 0; row < table->rows; row++)
        for (size_t column = 0; column < table->columns; column++) {
            if (!table->hidden[at(table, row, column)] || !is_known(table, row, column))
                continue;
            bool is_mended = (row + 1 < table->rows && hide_more(table, row)) ||
                             (column + 1 < table->columns && hide_more(table, table->rows - 1 + column));
            return is_mended ? STEP_MORE : STEP_STUCK;
        }
    return STEP_SAFE;
}

bool disclosure_protect_table(const struct disclosure_table *table, int64_t k)
{
    bool is_small = table->rows + table->columns <= DISCLOSURE_LINES_MAX &&
                    table->rows * table->columns <= DISCLOSURE_CELLS_MAX;
    enum step step = is_small ? STEP_MORE : STEP_STUCK;
    hide_small(table, k);
    while (step == STEP_MORE) { /* each round hides a cell at least */
        step = mend_lines(table, k);
        if (step == STEP_SAFE)
            step = mend_cells(table);
    }
    if (step == STEP_STUCK)
        hide_all(table);
    return step == STEP_SAFE;
}

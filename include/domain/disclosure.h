/* Which counts of a table may be shown, so that nobody learns of a group smaller than k: not from a cell, and not by
 * subtracting what is shown from what is shown. Pure arithmetic; what a table is about is not known here.
 *
 * A count from 1 to k-1 is small and hidden; nobody is in an empty group, but where something must be hidden it may go
 * with it, so that a hidden count may be 0. Hiding alone helps nothing where a total is shown: more is hidden until no
 * hidden cell can be computed, and until what is hidden in a line is together no small group either. */
#ifndef DOMAIN_DISCLOSURE_H
#define DOMAIN_DISCLOSURE_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cells whose sum is known to everybody. Sets `hidden` (which may come with some set). False: all are hidden, and
 * still together fewer than k, so their sum must not be shown either. */
MUST_USE bool disclosure_protect_list(const int64_t *counts, size_t count, int64_t k, bool *hidden);

/* A table with its margins: `rows` x `columns` counts, line by line; the last row and the last column are totals, and
 * whether these are shown is settled already: their `hidden` is read, that of the others is set.
 * False: no way was found, and none of the inner cells may be shown (all are hidden then). */
struct disclosure_table {
    size_t rows, columns; /* with totals, at least 2 each */
    const int64_t *counts;
    bool *hidden;
};
#define DISCLOSURE_LINES_MAX 128 /* rows and columns together */
#define DISCLOSURE_CELLS_MAX 2600
MUST_USE bool disclosure_protect_table(const struct disclosure_table *table, int64_t k);

/* Neighbouring cells of a scale are joined until none is small: `last` of a group is true at its last cell. False: all
 * together are a small group. */
MUST_USE bool disclosure_join(const int64_t *counts, size_t count, int64_t k, bool *last);

#endif

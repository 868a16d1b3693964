/* Results while they are made: results.c reads questions and counts, results_cells.c makes the cells of a question,
 * results_scale.c those of scales, numbers and dates, results_cross.c breaks them down, results_write.c writes. */
#ifndef RESULTS_INTERNAL_H
#define RESULTS_INTERNAL_H

#include "domain/disclosure.h"
#include "domain/results.h"

enum result_type {
    RESULT_SINGLE,
    RESULT_MULTIPLE,
    RESULT_RATING,
    RESULT_NPS,
    RESULT_MATRIX,
    RESULT_RANKING,
    RESULT_NUMBER,
    RESULT_DATE,
    RESULT_SHORT_TEXT,
    RESULT_LONG_TEXT,
    RESULT_TYPES
};

/* Why nothing is shown of a question. */
enum withheld { WITHHELD_NOT, WITHHELD_FEW, WITHHELD_DEPENDS };

/* What is counted together: an option, a value, or neighbours on a scale. */
struct cell {
    const char *key;     /* of an option; NULL: from..to */
    const json_t *label; /* has title_fa and perhaps title_en */
    double from, to;     /* inclusive; of numbers `to` is the first that is not in it */
    bool is_from_open, is_to_open;
    const char *from_month, *to_month; /* of dates instead, Jalali */
    const char *const *raw;            /* the keys of its tallies */
    size_t raw_count;
    int64_t count;
    bool is_hidden, is_joined;
    int64_t *by; /* columns of a breakdown: counts, and -1 for hidden ones; NULL: none */
};

/* A question, or a row of one: cells that belong together. */
struct part {
    const char *key; /* of a row */
    const json_t *label;
    const char *prefix; /* of the keys of its tallies: "row." */
    int64_t answered;
    bool is_hidden; /* all of it */
    struct cell *cells;
    size_t cell_count;
    double mean, median, borda;
    bool has_mean, has_median, has_borda;
};

struct entry {
    const char *id;
    enum result_type type;
    const json_t *question;     /* as it is now */
    const json_t **definitions; /* in each of its versions, the newest first */
    int *versions;
    size_t version_count;
    const json_t **options, **columns; /* of all versions; options: rows of a matrix */
    size_t option_count, column_count;
    bool is_by; /* in all its versions */
    bool is_conditional, is_done;
    enum withheld withheld;
    struct part whole;
    struct part *rows;
    size_t row_count;
    bool is_approximate, has_nps, has_bounds;
    double nps, low, high;
};

struct results {
    struct arena *arena;
    json_t *counts; /* "version/question/by" -> {"cell/by_cell": n} */
    int64_t k, responses;
    struct entry *entries;
    size_t count;
};

/* How many answers of this cell (by: and of that one) the entry got, over its versions. */
int64_t results_count(const struct results *results, const struct entry *entry, const char *cell,
                      const struct entry *by, const char *by_cell);
/* All cells that were counted: keys, in no order. */
const char **results_keys(const struct results *results, const struct entry *entry, size_t *ret_count);
struct entry *results_find(const struct results *results, const char *id);

/* --- results_cells.c, results_scale.c --- */
void results_make_cells(struct results *results, struct entry *entry);
void results_scale(struct results *results, struct entry *entry);
void results_number(struct results *results, struct entry *entry);
void results_date(struct results *results, struct entry *entry);
/* Joined or hidden cells: there is something to compute. */
bool entry_has_small(const struct entry *entry);
/* Whether what is shown of the questions that the entry depends on, and how many were asked it, tell of a small group. */
bool results_tells_others(const struct results *results, const struct entry *entry);

/* --- results_cross.c --- */
struct breakdown {
    const struct entry *by;
    bool has_none; /* a last column: those who did not answer `by` */
    size_t columns;
};
bool results_may_cross(const struct entry *entry, const struct entry *by);
struct breakdown results_break_down(const struct results *results, const struct entry *by);
/* Fills cell.by of the part, or leaves it NULL where nothing may be shown. */
void results_cross(const struct results *results, const struct breakdown *breakdown,
                   const struct entry *entry, struct part *part);

#endif

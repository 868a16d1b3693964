/* CSV (RFC 4180) that a spreadsheet may open: a text that it would take for a formula begins with an
 * apostrophe. Numbers go by csv_raw() and stay numbers, also negative ones. Nothing fails: the buffer's
 * overflow tells. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buffer.h"

/* Goes in front of a file, once: without it Excel takes UTF-8 for something else. */
#define CSV_MARK "\xef\xbb\xbf"

struct csv {
    struct buffer *out;
    bool has_cell; /* in this row */
};

void csv_text(struct csv *csv, struct slice text);
/* As it is: numbers, dates, codes of our own; without quotes, commas and ends of lines. */
void csv_raw(struct csv *csv, struct slice text);
void csv_int(struct csv *csv, int64_t n);
void csv_empty(struct csv *csv);
void csv_end_row(struct csv *csv);

#endif

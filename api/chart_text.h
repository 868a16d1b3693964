/* Text in charts: escaped, wrapped, with Persian digits. */
#ifndef CHART_TEXT_H
#define CHART_TEXT_H

#include "base/buffer.h"

#define CHART_LINES_MAX 4

/* Cuts `text` at blanks into lines of at most `width` letters of common width; what does not fit into `most` lines ends in "…".
 * Returns how many there are; they are views, `*ret_is_cut` says that the last one wants the ellipsis. */
size_t chart_wrap(struct slice text, size_t width, size_t most, struct slice lines[CHART_LINES_MAX],
                  bool *ret_is_cut);
/* As XML. */
void chart_escape(struct buffer *out, struct slice text);
/* With at most one decimal; Persian digits and decimal sign unless `is_english`. */
void chart_number(struct buffer *out, double number, bool is_english);
/* The same digits for any text of ours ("1405-08"). */
void chart_digits(struct buffer *out, struct slice text, bool is_english);

#endif

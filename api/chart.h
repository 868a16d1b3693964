/* The results of one question as a bar chart in SVG: a picture that needs nothing else, right to left in Persian. */
#ifndef CHART_H
#define CHART_H

#include "results_csv.h"

/* `question`: of a page of results (domain/results.h). Lengths of bars are proportional to their numbers, told in words
 * beside them and, all together, in <desc>; kinds of bars differ in pattern, not only in colour. */
void chart_write(const json_t *question, const struct results_heading *heading, struct buffer *out);

#endif

/* Results of a survey as a table that people open. */
#ifndef RESULTS_CSV_H
#define RESULTS_CSV_H

#include "base/buffer.h"

#include <jansson.h>

struct results_heading {
    const char *title, *number; /* of the survey */
    bool is_english;            /* else Persian */
};

/* `page` as domain/results.h writes it. A row for each option, value or group; what is hidden is an empty cell beside
 * the note that says so. */
void results_write_csv(const json_t *page, const struct results_heading *heading, struct buffer *out);

#endif

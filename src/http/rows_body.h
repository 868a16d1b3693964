/* Rows as the body of an answer. */
#ifndef ROWS_BODY_H
#define ROWS_BODY_H

#include "answer.h"

/* The first row as an object, with the reply's members in it. */
void rows_body_object(const struct exchange *exchange, const struct rows *rows, struct buffer *out);
/* {"items":[...],"next":...,"total":...}; the link of the next page, or NULL. */
const char *rows_body_list(struct exchange *exchange, const struct rows *rows, struct buffer *out);
/* The earliest `_until` of the rows, INT64_MAX if there is none. */
int64_t rows_body_until(const struct rows *rows);

#endif

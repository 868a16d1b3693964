/* How the rows of one statement become JSON: which columns, under which keys, by which writer. Made once from
 * the first result, then a row is nothing but appends. */
#ifndef DB_PLAN_H
#define DB_PLAN_H

#include "base/buffer.h"

#include <libpq-fe.h>

struct plan;

/* A column of a type that nothing can write is a bug (bug.h) and written as null. */
struct plan *plan_new(const PGresult *result);
void plan_free(struct plan *plan); /* accepts NULL */
void plan_write(const struct plan *plan, const PGresult *result, int row, struct buffer *out);
void plan_write_csv_names(const struct plan *plan, struct buffer *out);
void plan_write_csv(const struct plan *plan, const PGresult *result, int row, struct buffer *out);

/* True for a type that a row can show as JSON, or that the engine can read (rows_text and its like). */
bool plan_knows_type(Oid type);

#endif

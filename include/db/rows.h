/* The rows of one statement, in binary form. Valid only inside the callback that hands them over (or until
 * rows_free() where the caller owns them).
 *
 * A column's name is the name of its member. A name that begins with "_" speaks to the engine and never goes
 * into a body; one that ends in "_jalali" (date or timestamptz) is written as a Jalali local date, in
 * "_jalali_month" (date) as its month; a name of two words becomes two members: "closes_at closes_on_jalali"
 * shows one instant both ways at the price of one column; the members of the object in a column named "*"
 * (json, neither empty nor NULL) become members of the row. */
#ifndef DB_ROWS_H
#define DB_ROWS_H

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/uuid.h"

struct rows;

unsigned rows_count(const struct rows *rows);
int rows_column(const struct rows *rows, const char *name);           /* -1 if there is none */
bool rows_is_null(const struct rows *rows, unsigned row, int column); /* true also for column -1 */

/* Values by column number; a wrong type aborts in the dev preset. text: also json, jsonb (text of it), bytea.
 */
struct slice rows_text(const struct rows *rows, unsigned row, int column);
int64_t rows_int(const struct rows *rows, unsigned row, int column);
bool rows_bool(const struct rows *rows, unsigned row, int column);
int64_t rows_instant_us(const struct rows *rows, unsigned row, int column);
struct date rows_date(const struct rows *rows, unsigned row, int column);
struct uuid rows_uuid(const struct rows *rows, unsigned row, int column);
/* A document that a statement of ours made (json, jsonb), as long as the arena lives. NULL where the column is NULL, and
 * (with a line in the log) where it does not parse, which never happens. */
json_t *rows_json(struct arena *arena, const struct rows *rows, unsigned row, const char *name);

/* One row as a JSON object: member names are column names, types follow the OIDs (bool, int2/4/8, float8,
 * text, uuid, date, timestamptz, json, jsonb, text[], uuid[]); columns with "_" in front are left out. */
void rows_write_object(const struct rows *rows, unsigned row, struct buffer *out);

/* The same members as cells of CSV: their names (also where there are no rows), and one row. NULL is an empty
 * cell; arrays, json and "*" are for no cell. */
void rows_write_csv_names(const struct rows *rows, struct buffer *out);
void rows_write_csv(const struct rows *rows, unsigned row, struct buffer *out);

#endif

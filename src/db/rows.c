/* Values of a result by row and column. What is NULL, or in no column at all, reads as empty, 0 or false: a
 * statement that leaves a column out says the same as one that returns NULL.
 *
 * Not here: where results come from (lane.c, session.c) and how a type is written (plan.c). */
#include "bug.h"
#include "rows_of.h"
#include "wire.h"

#include "base/log.h"

unsigned rows_count(const struct rows *rows)
{
    return rows->count;
}

int rows_column(const struct rows *rows, const char *name)
{
    /* Not PQfnumber(): that one folds case and strips quotes, with a copy of the name each time. */
    for (int i = 0; i < PQnfields(rows->result); i++)
        if (strcmp(PQfname(rows->result, i), name) == 0)
            return i;
    return -1;
}

/* The row of the result. */
static int row_of(const struct rows *rows, unsigned row)
{
    return (int)(rows->first + row);
}

bool rows_is_null(const struct rows *rows, unsigned row, int column)
{
    return column < 0 || PQgetisnull(rows->result, row_of(rows, row), column);
}

/* The value if it is there and of one of the types (0 ends them); NULL if not. */
static const char *value_of(const struct rows *rows, unsigned row, int column, const enum wire_oid *types)
{
    if (rows_is_null(rows, row, column))
        return NULL;
    Oid type = PQftype(rows->result, column);
    for (; *types; types++)
        if (*types == type)
            return PQgetvalue(rows->result, row_of(rows, row), column);
    db_bug("a column is read as a type that it does not have", PQfname(rows->result, column));
    return NULL;
}

#define VALUE_OF(rows, row, column, ...) value_of(rows, row, column, (const enum wire_oid[]){__VA_ARGS__, 0})

struct slice rows_text(const struct rows *rows, unsigned row, int column)
{
    const char *value = VALUE_OF(rows, row, column, OID_TEXT, OID_JSON, OID_JSONB, OID_BYTEA);
    if (!value)
        return (struct slice){0};
    size_t skip = PQftype(rows->result, column) == OID_JSONB ? 1 : 0;
    return (struct slice){value + skip, (size_t)PQgetlength(rows->result, row_of(rows, row), column) - skip};
}

int64_t rows_int(const struct rows *rows, unsigned row, int column)
{
    const char *value = VALUE_OF(rows, row, column, OID_INT2, OID_INT4, OID_INT8);
    if (!value)
        return 0;
    switch (PQftype(rows->result, column)) {
    case OID_INT2:
        return wire_int16(value);
    case OID_INT4:
        return wire_int32(value);
    default:
        return wire_int64(value);
    }
}

bool rows_bool(const struct rows *rows, unsigned row, int column)
{
    const char *value = VALUE_OF(rows, row, column, OID_BOOL);
    return value && value[0];
}

int64_t rows_instant_us(const struct rows *rows, unsigned row, int column)
{
    const char *value = VALUE_OF(rows, row, column, OID_TIMESTAMPTZ);
    if (!value)
        return 0;
    int64_t us = wire_int64(value); /* the infinities stay the ends of the range */
    return us == INT64_MAX || us == INT64_MIN ? us : us + WIRE_EPOCH_US;
}

struct date rows_date(const struct rows *rows, unsigned row, int column)
{
    const char *value = VALUE_OF(rows, row, column, OID_DATE);
    return value ? date_from_days((int64_t)wire_int32(value) + WIRE_EPOCH_DAYS) : (struct date){0};
}

struct uuid rows_uuid(const struct rows *rows, unsigned row, int column)
{
    struct uuid id = {{0}};
    const char *value = VALUE_OF(rows, row, column, OID_UUID);
    if (value)
        memcpy(id.bytes, value, sizeof id.bytes);
    return id;
}

json_t *rows_json(struct arena *arena, const struct rows *rows, unsigned row, const char *name)
{
    struct slice text = rows_text(rows, row, rows_column(rows, name));
    if (!text.data)
        return NULL;
    json_t *value = json_loadb(text.data, text.len, 0, NULL);
    if (!value)
        log_error("rows.unreadable", log_text("column", name));
    return json_keep(arena, value);
}

static const struct plan *plan_of(const struct rows *rows)
{
    if (!*rows->plan)
        *rows->plan = plan_new(rows->result);
    return *rows->plan;
}

void rows_write_object(const struct rows *rows, unsigned row, struct buffer *out)
{
    plan_write(plan_of(rows), rows->result, row_of(rows, row), out);
}

void rows_write_csv_names(const struct rows *rows, struct buffer *out)
{
    plan_write_csv_names(plan_of(rows), out);
}

void rows_write_csv(const struct rows *rows, unsigned row, struct buffer *out)
{
    plan_write_csv(plan_of(rows), rows->result, row_of(rows, row), out);
}

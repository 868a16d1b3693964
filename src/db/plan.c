/* The hot path of every page: binary values -> JSON text. The column's type decides the writer, its name the
 * key ("_..." is for the engine and left out, "..._jalali" shows the local Jalali date, two words are two
 * members).
 *
 * No number of PostgreSQL's `numeric` passes here: a statement casts it. */
#include "plan_columns.h"

#include "base/jalali.h"
#include "base/uuid.h"
#include "bug.h"
#include "memory.h"
#include "wire.h"

#include <math.h>

#define KEYS_MAX (1u << 20)

static void write_null(struct buffer *out, const char *value UNUSED, int len UNUSED)
{
    buffer_append(out, "null", 4);
}

static void write_bool(struct buffer *out, const char *value, int len UNUSED)
{
    buffer_str(out, value[0] ? "true" : "false");
}

static void write_int2(struct buffer *out, const char *value, int len UNUSED)
{
    buffer_int(out, wire_int16(value));
}

static void write_int4(struct buffer *out, const char *value, int len UNUSED)
{
    buffer_int(out, wire_int32(value));
}

static void write_int8(struct buffer *out, const char *value, int len UNUSED)
{
    buffer_int(out, wire_int64(value));
}

static void write_float8(struct buffer *out, const char *value, int len)
{
    int64_t bits = wire_int64(value);
    double number;
    memcpy(&number, &bits, sizeof number);
    if (!isfinite(number))
        write_null(out, value, len);
    else
        buffer_printf(out, "%.15g", number);
}

static void write_text(struct buffer *out, const char *value, int len)
{
    buffer_json_string(out, (struct slice){value, (size_t)len});
}

static void write_json(struct buffer *out, const char *value, int len)
{
    buffer_append(out, value, (size_t)len);
}

static void write_jsonb(struct buffer *out, const char *value, int len)
{
    buffer_append(out, value + 1, (size_t)len - 1); /* behind the version byte */
}

static void write_uuid(struct buffer *out, const char *value, int len UNUSED)
{
    char text[UUID_TEXT_LEN + 3] = "\"";
    struct uuid id;
    memcpy(id.bytes, value, sizeof id.bytes);
    uuid_format(id, text + 1);
    text[UUID_TEXT_LEN + 1] = '"';
    buffer_append(out, text, UUID_TEXT_LEN + 2);
}

static void write_quoted(struct buffer *out, const char *text, size_t len)
{
    buffer_char(out, '"');
    buffer_append(out, text, len);
    buffer_char(out, '"');
}

static void write_date_text(struct buffer *out, struct date date)
{
    char text[CLOCK_TEXT_MAX];
    write_quoted(out, text, date_format(date, text));
}

/* Infinite dates and instants are the ends of their integers; JSON has no such thing. */
static bool is_infinite_date(const char *value)
{
    int32_t days = wire_int32(value);
    return days == INT32_MAX || days == INT32_MIN;
}

static bool is_infinite_instant(const char *value)
{
    int64_t us = wire_int64(value);
    return us == INT64_MAX || us == INT64_MIN;
}

static struct date read_date(const char *value)
{
    return date_from_days((int64_t)wire_int32(value) + WIRE_EPOCH_DAYS);
}

static void write_date(struct buffer *out, const char *value, int len)
{
    if (is_infinite_date(value))
        write_null(out, value, len);
    else
        write_date_text(out, read_date(value));
}

static void write_date_jalali(struct buffer *out, const char *value, int len)
{
    if (is_infinite_date(value))
        write_null(out, value, len);
    else
        write_date_text(out, jalali_from_gregorian(read_date(value)));
}

/* "1405-09" */
static void write_date_jalali_month(struct buffer *out, const char *value, int len)
{
    char text[CLOCK_TEXT_MAX];
    if (is_infinite_date(value))
        write_null(out, value, len);
    else
        write_quoted(out, text, date_format(jalali_from_gregorian(read_date(value)), text) - 3);
}

static void write_instant(struct buffer *out, const char *value, int len)
{
    char text[CLOCK_TEXT_MAX];
    if (is_infinite_instant(value))
        write_null(out, value, len);
    else
        write_quoted(out, text, clock_format(wire_int64(value) + WIRE_EPOCH_US, text));
}

static void write_instant_jalali(struct buffer *out, const char *value, int len)
{
    if (is_infinite_instant(value))
        write_null(out, value, len);
    else
        write_date_text(out, jalali_from_gregorian(clock_local(wire_int64(value) + WIRE_EPOCH_US).date));
}

/* Head: dimensions, flags, element type; for the one dimension its length and lower bound; then each element
 * as length (-1: NULL) and bytes. */
static void write_array(struct buffer *out, const char *value, value_writer *write_element)
{
    int32_t dimensions = wire_int32(value);
    int32_t count = dimensions == 1 ? wire_int32(value + 12) : 0;
    const char *at = value + 20;

    if (dimensions > 1)
        db_bug("an array has more than one dimension", "");
    buffer_char(out, '[');
    for (int32_t i = 0; i < count; i++) {
        int32_t len = wire_int32(at);
        at += 4;
        if (i > 0)
            buffer_char(out, ',');
        if (len < 0) {
            write_null(out, at, 0);
            continue;
        }
        write_element(out, at, len);
        at += len;
    }
    buffer_char(out, ']');
}

static void write_texts(struct buffer *out, const char *value, int len UNUSED)
{
    write_array(out, value, write_text);
}

static void write_uuids(struct buffer *out, const char *value, int len UNUSED)
{
    write_array(out, value, write_uuid);
}

static const struct type {
    enum wire_oid oid;
    value_writer *write;        /* NULL: only the engine reads it */
    value_writer *write_jalali; /* for columns named ..._jalali, where there is one */
} types[] = {
    {OID_BOOL, write_bool, NULL},
    {OID_BYTEA, NULL, NULL},
    {OID_INT8, write_int8, NULL},
    {OID_INT2, write_int2, NULL},
    {OID_INT4, write_int4, NULL},
    {OID_TEXT, write_text, NULL},
    {OID_JSON, write_json, NULL},
    {OID_FLOAT8, write_float8, NULL},
    {OID_TEXTS, write_texts, NULL},
    {OID_DATE, write_date, write_date_jalali},
    {OID_TIMESTAMPTZ, write_instant, write_instant_jalali},
    {OID_UUID, write_uuid, NULL},
    {OID_UUIDS, write_uuids, NULL},
    {OID_JSONB, write_jsonb, NULL},
};

static const struct type *type_find(Oid oid)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].oid == oid)
            return &types[i];
    return NULL;
}

static enum cell cell_of(const struct type *type)
{
    if (!type || type->oid == OID_JSON || type->oid == OID_JSONB || type->oid == OID_TEXTS ||
        type->oid == OID_UUIDS)
        return CELL_NONE;
    return type->oid == OID_TEXT ? CELL_TEXT : CELL_VALUE;
}

bool plan_knows_type(Oid type)
{
    return type_find(type) != NULL;
}

static bool ends_with(struct slice name, struct slice tail)
{
    return name.len >= tail.len && memcmp(name.data + name.len - tail.len, tail.data, tail.len) == 0;
}

static value_writer *writer_find(struct slice name, Oid oid)
{
    const struct type *type = type_find(oid);
    if (!type || !type->write) {
        db_bug("a column of a type that rows do not write; cast it", name.data);
        return write_null;
    }
    if (oid == OID_DATE && ends_with(name, SLICE("_jalali_month")))
        return write_date_jalali_month;
    return type->write_jalali && ends_with(name, SLICE("_jalali")) ? type->write_jalali : type->write;
}

static size_t append_key(struct buffer *keys, struct slice name, bool is_first)
{
    size_t start = keys->len;
    if (!is_first)
        buffer_char(keys, ',');
    buffer_json_string(keys, name);
    buffer_char(keys, ':');
    return keys->len - start;
}

static void write_members(struct buffer *out, const char *value, int len)
{
    buffer_append(out, value + 1, (size_t)len - 2); /* without its braces */
}

static void plan_add_members(struct plan *plan, struct buffer *keys, int number)
{
    if (plan->count > 0)
        buffer_char(keys, ',');
    plan->columns[plan->count] =
        (struct column){.write = write_members, .number = number, .key.len = plan->count > 0 ? 1 : 0};
    plan->count++;
}

/* The members that column `number` becomes: the words of its name. */
static void plan_add(struct plan *plan, struct buffer *keys, const PGresult *result, int number)
{
    for (const char *word = PQfname(result, number); *word; word += strspn(word, " ")) {
        struct slice name = {word, strcspn(word, " ")};
        plan->columns[plan->count] = (struct column){
            .write = writer_find(name, PQftype(result, number)),
            .number = number,
            .cell = cell_of(type_find(PQftype(result, number))),
            .key.len = append_key(keys, name, plan->count == 0),
        };
        plan->count++;
        word += name.len;
    }
}

static size_t count_words(const PGresult *result, int fields)
{
    size_t words = (size_t)fields;
    for (int i = 0; i < fields; i++)
        for (const char *c = PQfname(result, i); *c; c++)
            words += *c == ' ';
    return words;
}

struct plan *plan_new(const PGresult *result)
{
    int fields = PQnfields(result);
    struct plan *plan = memory_new(sizeof *plan + count_words(result, fields) * sizeof plan->columns[0]);
    struct buffer keys;

    buffer_init(&keys, KEYS_MAX);
    for (int i = 0; i < fields; i++) {
        const char *name = PQfname(result, i);
        if (strcmp(name, "*") == 0)
            plan_add_members(plan, &keys, i);
        else if (name[0] != '_')
            plan_add(plan, &keys, result, i);
    }

    size_t len;
    plan->keys = buffer_steal(&keys, &len);
    const char *key = plan->keys;
    for (unsigned i = 0; i < plan->count; i++) {
        plan->columns[i].key.data = key;
        key += plan->columns[i].key.len;
    }
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    free(plan->keys);
    free(plan);
}

void plan_write(const struct plan *plan, const PGresult *result, int row, struct buffer *out)
{
    buffer_char(out, '{');
    for (unsigned i = 0; i < plan->count; i++) {
        const struct column *column = &plan->columns[i];
        buffer_slice(out, column->key);
        int len = PQgetlength(result, row, column->number); /* 0 for NULL, too */
        if (len == 0 && PQgetisnull(result, row, column->number))
            write_null(out, NULL, 0);
        else
            column->write(out, PQgetvalue(result, row, column->number), len);
    }
    buffer_char(out, '}');
}

/* A value on its way into a statement. Handlers build them with as_...(); db/ encodes them in binary
 * form by the type that the statement's header line declares. Text and bytes are borrowed: they must
 * live as long as the request (its arena). */
#ifndef BASE_PARAM_H
#define BASE_PARAM_H

#include "base/clock.h"
#include "base/slice.h"
#include "base/uuid.h"

enum param_kind {
    PARAM_NULL,
    PARAM_UUID,     /* uuid */
    PARAM_TEXT,     /* text */
    PARAM_JSON,     /* json, jsonb: validated UTF-8 JSON */
    PARAM_INSTANT,  /* timestamptz, microseconds since 1970 */
    PARAM_DATE,     /* date */
    PARAM_INT,      /* int4, int8: encoded by the declared type */
    PARAM_BOOL,     /* bool */
    PARAM_BYTES,    /* bytea */
    PARAM_TEXTS,    /* text[]: array of slices */
    PARAM_INSTANTS, /* timestamptz[] */
};

struct param {
    enum param_kind kind;
    union {
        struct uuid uuid;
        struct slice bytes;
        int64_t number;
        struct date date;
        bool boolean;
        struct {
            const struct slice *items;
            size_t count;
        } texts;
        struct {
            const int64_t *items;
            size_t count;
        } instants;
    };
};

static inline struct param as_null(void)
{
    return (struct param){.kind = PARAM_NULL};
}
static inline struct param as_uuid(struct uuid id)
{
    return (struct param){.kind = PARAM_UUID, .uuid = id};
}
/* A slice whose data is NULL is SQL NULL. */
static inline struct param as_slice(struct slice s)
{
    return s.data ? (struct param){.kind = PARAM_TEXT, .bytes = s} : as_null();
}
static inline struct param as_text(const char *cstr)
{
    return as_slice(slice_of(cstr));
}
static inline struct param as_json(struct slice json)
{
    return json.data ? (struct param){.kind = PARAM_JSON, .bytes = json} : as_null();
}
static inline struct param as_instant(int64_t us)
{
    return (struct param){.kind = PARAM_INSTANT, .number = us};
}
static inline struct param as_date(struct date date)
{
    return (struct param){.kind = PARAM_DATE, .date = date};
}
static inline struct param as_int(int64_t n)
{
    return (struct param){.kind = PARAM_INT, .number = n};
}
static inline struct param as_bool(bool b)
{
    return (struct param){.kind = PARAM_BOOL, .boolean = b};
}
static inline struct param as_bytes(const void *data, size_t len)
{
    return (struct param){.kind = PARAM_BYTES, .bytes = {data, len}};
}
static inline struct param as_texts(const struct slice *items, size_t count)
{
    return (struct param){.kind = PARAM_TEXTS, .texts = {items, count}};
}
static inline struct param as_instants(const int64_t *items, size_t count)
{
    return (struct param){.kind = PARAM_INSTANTS, .instants = {items, count}};
}

#endif

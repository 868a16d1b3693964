/* Numbers as PostgreSQL's binary format has them: big-endian, instants and dates counted from 2000-01-01. */
#ifndef DB_WIRE_H
#define DB_WIRE_H

#include "base/buffer.h"
#include "base/clock.h"

#include <endian.h>

#define WIRE_EPOCH_DAYS 10957 /* 1970-01-01 to 2000-01-01 */
#define WIRE_EPOCH_US   (WIRE_EPOCH_DAYS * CLOCK_DAY_US)

enum wire_oid {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_JSON = 114,
    OID_FLOAT8 = 701,
    OID_JSONS = 199,
    OID_BOOLS = 1000,
    OID_BYTEAS = 1001,
    OID_INT4S = 1007,
    OID_TEXTS = 1009,
    OID_INT8S = 1016,
    OID_DATE = 1082,
    OID_DATES = 1182,
    OID_TIMESTAMPTZ = 1184,
    OID_TIMESTAMPTZS = 1185,
    OID_UUID = 2950,
    OID_UUIDS = 2951,
    OID_JSONB = 3802,
    OID_JSONBS = 3807,
};

#define WIRE_JSONB_VERSION 1 /* the byte in front of the text */

static inline int16_t wire_int16(const char *at)
{
    uint16_t n;
    memcpy(&n, at, sizeof n);
    return (int16_t)be16toh(n);
}

static inline int32_t wire_int32(const char *at)
{
    uint32_t n;
    memcpy(&n, at, sizeof n);
    return (int32_t)be32toh(n);
}

static inline int64_t wire_int64(const char *at)
{
    uint64_t n;
    memcpy(&n, at, sizeof n);
    return (int64_t)be64toh(n);
}

static inline void wire_put_int32(struct buffer *out, int32_t n)
{
    uint32_t big = htobe32((uint32_t)n);
    buffer_append(out, &big, sizeof big);
}

static inline void wire_set_int32(char *at, int32_t n)
{
    uint32_t big = htobe32((uint32_t)n);
    memcpy(at, &big, sizeof big);
}

static inline void wire_put_int64(struct buffer *out, int64_t n)
{
    uint64_t big = htobe64((uint64_t)n);
    buffer_append(out, &big, sizeof big);
}

#endif

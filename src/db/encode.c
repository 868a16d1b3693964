/* Parameters -> binary values. The table says which kind of parameter fits which declared type; text, bytes
 * and json go out from where they lie, all else through the encoder's buffer.
 *
 * Nothing is checked here that the contract has checked (UTF-8, lengths, JSON). */
#include "encode.h"

#include "bug.h"
#include "wire.h"

#define ENCODED_MAX  (64u << 20)
#define ENCODED_KEEP (1u << 20) /* a larger buffer is not kept for the next statement */

static bool put_uuid(struct buffer *out, const struct param *param)
{
    buffer_append(out, param->uuid.bytes, sizeof param->uuid.bytes);
    return true;
}

static bool put_jsonb(struct buffer *out, const struct param *param)
{
    buffer_char(out, WIRE_JSONB_VERSION);
    buffer_slice(out, param->bytes);
    return true;
}

static bool put_instant(struct buffer *out, const struct param *param)
{
    int64_t us;
    if (__builtin_sub_overflow(param->number, WIRE_EPOCH_US, &us))
        return false;
    wire_put_int64(out, us);
    return true;
}

static bool put_date(struct buffer *out, const struct param *param)
{
    wire_put_int32(out, (int32_t)(date_to_days(param->date) - WIRE_EPOCH_DAYS));
    return true;
}

static bool put_int8(struct buffer *out, const struct param *param)
{
    wire_put_int64(out, param->number);
    return true;
}

static bool put_int4(struct buffer *out, const struct param *param)
{
    wire_put_int32(out, (int32_t)param->number);
    return param->number >= INT32_MIN && param->number <= INT32_MAX;
}

static bool put_bool(struct buffer *out, const struct param *param)
{
    buffer_char(out, param->boolean ? 1 : 0);
    return true;
}

/* Dimensions, "has NULLs", element type, then length and lower bound of the one dimension. */
static void put_array_head(struct buffer *out, enum wire_oid element, size_t count)
{
    wire_put_int32(out, count > 0 ? 1 : 0);
    wire_put_int32(out, 0); /* the server looks for itself */
    wire_put_int32(out, element);
    if (count > 0) {
        wire_put_int32(out, (int32_t)count);
        wire_put_int32(out, 1);
    }
}

static bool put_texts(struct buffer *out, const struct param *param)
{
    put_array_head(out, OID_TEXT, param->texts.count);
    for (size_t i = 0; i < param->texts.count; i++) {
        wire_put_int32(out, (int32_t)param->texts.items[i].len);
        buffer_slice(out, param->texts.items[i]);
    }
    return true;
}

static bool put_uuids(struct buffer *out, const struct param *param)
{
    put_array_head(out, OID_UUID, param->texts.count);
    for (size_t i = 0; i < param->texts.count; i++) {
        struct uuid id;
        if (!uuid_parse_text(param->texts.items[i], &id))
            return false;
        wire_put_int32(out, sizeof id.bytes);
        buffer_append(out, id.bytes, sizeof id.bytes);
    }
    return true;
}

static bool put_instants(struct buffer *out, const struct param *param)
{
    put_array_head(out, OID_TIMESTAMPTZ, param->instants.count);
    for (size_t i = 0; i < param->instants.count; i++) {
        wire_put_int32(out, sizeof(int64_t));
        struct param item = as_instant(param->instants.items[i]);
        if (!put_instant(out, &item))
            return false;
    }
    return true;
}

struct encoding {
    enum param_kind kind;
    uint32_t type, array; /* array: the type's, 0 where no statement of many has it */
    bool (*put)(struct buffer *out, const struct param *param); /* NULL: borrowed */
};

static const struct encoding encodings[] = {
    {PARAM_UUID, OID_UUID, OID_UUIDS, put_uuid},
    {PARAM_TEXT, OID_TEXT, OID_TEXTS, NULL},
    {PARAM_JSON, OID_JSONB, OID_JSONBS, put_jsonb},
    {PARAM_JSON, OID_JSON, OID_JSONS, NULL},
    {PARAM_INSTANT, OID_TIMESTAMPTZ, OID_TIMESTAMPTZS, put_instant},
    {PARAM_DATE, OID_DATE, OID_DATES, put_date},
    {PARAM_INT, OID_INT8, OID_INT8S, put_int8},
    {PARAM_INT, OID_INT4, OID_INT4S, put_int4},
    {PARAM_BOOL, OID_BOOL, OID_BOOLS, put_bool},
    {PARAM_BYTES, OID_BYTEA, OID_BYTEAS, NULL},
    {PARAM_TEXTS, OID_TEXTS, 0, put_texts},
    {PARAM_TEXTS, OID_UUIDS, 0, put_uuids},
    {PARAM_INSTANTS, OID_TIMESTAMPTZS, 0, put_instants},
};

static const struct encoding *encoding_find(enum param_kind kind, uint32_t type)
{
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
        if (encodings[i].kind == kind && encodings[i].type == type)
            return &encodings[i];
    return NULL;
}

/* How the elements of such an array are encoded. */
static const struct encoding *encoding_of_elements(uint32_t array)
{
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
        if (encodings[i].array == array)
            return &encodings[i];
    return NULL;
}

void encoder_init(struct encoder *encoder)
{
    for (size_t i = 0; i < STATEMENT_PARAMS_MAX; i++)
        encoder->formats[i] = 1;
    buffer_init(&encoder->bytes, ENCODED_MAX);
}

void encoder_done(struct encoder *encoder)
{
    buffer_done(&encoder->bytes);
}

static void encoder_clear(struct encoder *encoder)
{
    if (encoder->bytes.cap > ENCODED_KEEP) {
        buffer_done(&encoder->bytes);
        buffer_init(&encoder->bytes, ENCODED_MAX);
    }
    buffer_clear(&encoder->bytes);
}

/* A value in the buffer is remembered by its offset until the buffer has stopped moving. */
#define NOT_IN_BUFFER SIZE_MAX

static enum db_outcome encode_one(struct encoder *encoder, unsigned i, const struct statement *statement,
                                  const struct param *param, size_t *ret_offset)
{
    encoder->values[i] = NULL;
    encoder->lengths[i] = 0;
    *ret_offset = NOT_IN_BUFFER;
    if (param->kind == PARAM_NULL)
        return DB_OK;

    const struct encoding *encoding = encoding_find(param->kind, statement->types[i]);
    if (!encoding) {
        db_bug("a parameter does not fit the declared type", statement->name);
        return DB_FAILED;
    }
    if (!encoding->put) {
        encoder->values[i] = param->bytes.data ? param->bytes.data : "";
        encoder->lengths[i] = (int)param->bytes.len;
        return param->bytes.len <= ENCODED_MAX ? DB_OK : DB_REFUSED;
    }
    *ret_offset = encoder->bytes.len;
    if (!encoding->put(&encoder->bytes, param) || encoder->bytes.overflow)
        return DB_REFUSED;
    encoder->lengths[i] = (int)(encoder->bytes.len - *ret_offset);
    return DB_OK;
}

/* Length and bytes; the length is known afterwards, and -1 for NULL. */
static bool put_element(struct buffer *out, const struct encoding *encoding, const struct param *param)
{
    size_t start = out->len;

    wire_put_int32(out, -1);
    if (param->kind == PARAM_NULL)
        return true;
    if (!encoding->put)
        buffer_slice(out, param->bytes);
    else if (!encoding->put(out, param))
        return false;
    if (!out->overflow)
        wire_set_int32(out->data + start, (int32_t)(out->len - start - sizeof(int32_t)));
    return true;
}

/* The array of what all members gave for parameter `i`. */
static enum db_outcome encode_array(struct encoder *encoder, unsigned i, const struct statement *statement,
                                    const struct param *const *members, unsigned member_count)
{
    struct buffer *out = &encoder->bytes;
    size_t start = out->len;
    const struct encoding *encoding = encoding_of_elements(statement->types[i]);

    put_array_head(out, encoding->type, member_count);
    for (unsigned m = 0; m < member_count; m++) {
        const struct param *param = &members[m][i];
        if (param->kind != encoding->kind && param->kind != PARAM_NULL) {
            db_bug("a parameter does not fit the declared type", statement->name);
            return DB_FAILED;
        }
        if (!put_element(out, encoding, param))
            return DB_REFUSED;
    }
    encoder->lengths[i] = (int)(out->len - start);
    return out->overflow ? DB_REFUSED : DB_OK;
}

static bool has_count(const struct statement *statement, unsigned count)
{
    if (count != statement->param_count)
        db_bug("the number of parameters is not the declared one", statement->name);
    return count == statement->param_count;
}

enum db_outcome encode_many(struct encoder *encoder, const struct statement *statement,
                            const struct param *const *members, unsigned member_count, unsigned count)
{
    if (!has_count(statement, count))
        return DB_FAILED;
    encoder_clear(encoder);
    for (unsigned i = 0; i < count; i++) {
        enum db_outcome outcome = encode_array(encoder, i, statement, members, member_count);
        if (outcome != DB_OK)
            return outcome;
    }
    const char *at = encoder->bytes.data;
    for (unsigned i = 0; i < count; i++) {
        encoder->values[i] = at;
        at += encoder->lengths[i];
    }
    return DB_OK;
}

enum db_outcome encode(struct encoder *encoder, const struct statement *statement, const struct param *params,
                       unsigned count)
{
    size_t offsets[STATEMENT_PARAMS_MAX];

    if (statement->is_many)
        return encode_many(encoder, statement, &params, 1, count);
    if (!has_count(statement, count))
        return DB_FAILED;
    encoder_clear(encoder);
    for (unsigned i = 0; i < count; i++) {
        enum db_outcome outcome = encode_one(encoder, i, statement, &params[i], &offsets[i]);
        if (outcome != DB_OK)
            return outcome;
    }
    for (unsigned i = 0; i < count; i++)
        if (offsets[i] != NOT_IN_BUFFER)
            encoder->values[i] = encoder->bytes.data + offsets[i];
    return DB_OK;
}

/* Reading parameters. The contract decides names, types and limits; here is only where the text comes from.
 * What a handler sees of them is in request.c. */
#include "parameters.h"

#include "base/buffer.h"
#include "base/json.h"
#include "base/text.h"
#include "query.h"

#include <stdlib.h>
#include <strings.h>

#define SCOPE_MAX 65536

static const enum fault_place places[] = {
    [IN_PATH] = FAULT_IN_PATH, [IN_QUERY] = FAULT_IN_QUERY, [IN_HEADER] = FAULT_IN_HEADER};

int parameters_find(const struct operation *operation, enum parameter_in in, struct slice name)
{
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const struct parameter *parameter = &operation->parameters[i];
        if (parameter->in != in || strlen(parameter->name) != name.len)
            continue;
        if (in == IN_HEADER ? strncasecmp(parameter->name, name.data, name.len) == 0
                            : memcmp(parameter->name, name.data, name.len) == 0)
            return (int)i;
    }
    return -1;
}

/* "/name", escaped as RFC 6901 wants it. */
static const char *pointer_to(struct arena *arena, struct slice name)
{
    char *pointer = arena_alloc(arena, 2 * name.len + 2), *to = pointer;
    *to++ = '/';
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '~' || name.data[i] == '/') {
            *to++ = '~';
            *to++ = name.data[i] == '~' ? '0' : '1';
        } else {
            *to++ = name.data[i];
        }
    }
    return pointer;
}

static void keep(struct exchange *exchange, size_t index, json_t *value)
{
    if (!value)
        abort();
    exchange->parameters[index] = json_keep(&exchange->request.arena, value);
}

static void store(struct exchange *exchange, size_t index, struct slice text, struct faults *faults)
{
    const struct parameter *parameter = &exchange->request.operation->parameters[index];
    json_t *value = schema_parse_text(parameter->schema, text);
    const char *pointer = pointer_to(&exchange->request.arena, slice_of(parameter->name));

    keep(exchange, index, value);
    schema_validate(parameter->schema, value, SCHEMA_REQUEST, places[parameter->in], pointer, faults);
}

/* A value that nobody can read: null keeps the place, so that it does not count as missing too. */
static void store_unreadable(struct exchange *exchange, size_t index, struct faults *faults)
{
    const struct parameter *parameter = &exchange->request.operation->parameters[index];
    keep(exchange, index, json_null());
    faults_add(faults, FAULT_bad_encoding, places[parameter->in],
               pointer_to(&exchange->request.arena, slice_of(parameter->name)), NULL);
}

/* --- the path ---------------------------------------------------------------------------------- */

bool parameters_read_path(struct exchange *exchange)
{
    const struct operation *operation = exchange->request.operation;
    struct faults faults;
    faults_init(&faults, &exchange->request.arena, 1);

    for (size_t i = 0; i < operation->parameter_count && operation->parameters[i].in == IN_PATH; i++) {
        struct slice text;
        if (!query_decode(&exchange->request.arena, exchange->route.values[i], false, &text))
            return false;
        store(exchange, i, text, &faults);
    }
    return faults.total == 0;
}

/* --- the query --------------------------------------------------------------------------------- */

static void read_pair(struct exchange *exchange, const struct query_pair *pair, struct faults *faults)
{
    struct arena *arena = &exchange->request.arena;
    struct slice name, value;
    if (!query_decode(arena, pair->name, true, &name)) {
        faults_add(faults, FAULT_bad_encoding, FAULT_IN_QUERY, "", NULL);
        return;
    }
    int index = parameters_find(exchange->request.operation, IN_QUERY, name);
    if (index < 0)
        faults_add(faults, FAULT_unknown_parameter, FAULT_IN_QUERY, pointer_to(arena, name), NULL);
    else if (exchange->parameters[index])
        faults_add(faults, FAULT_duplicate_parameter, FAULT_IN_QUERY, pointer_to(arena, name), NULL);
    else if (!query_decode(arena, pair->value, true, &value))
        store_unreadable(exchange, (size_t)index, faults);
    else
        store(exchange, (size_t)index, value, faults);
}

/* --- headers ----------------------------------------------------------------------------------- */

static bool is_ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.data[i] > 0x7f)
            return false;
    return true;
}

/* Headers carry ASCII, so Persian digits in one come percent-encoded. A value that stands for nothing beyond
 * ASCII is taken as it is, percent signs included: in an Idempotency-Key they mean themselves. */
static struct slice header_text(struct arena *arena, struct slice value)
{
    struct slice decoded;
    if (!memchr(value.data, '%', value.len) || !query_decode(arena, value, false, &decoded))
        return value;
    return is_ascii(decoded) ? value : decoded;
}

static void read_header(struct exchange *exchange, size_t index, struct faults *faults)
{
    const char *name = exchange->request.operation->parameters[index].name;
    struct slice value = exchange->head.header(exchange, name);
    if (!value.data)
        return;
    if (text_is_utf8(value))
        store(exchange, index, header_text(&exchange->request.arena, value), faults);
    else
        store_unreadable(exchange, index, faults);
}

bool parameters_has_header(const struct exchange *exchange)
{
    const struct operation *operation = exchange->request.operation;
    for (size_t i = 0; i < operation->parameter_count; i++)
        if (operation->parameters[i].in == IN_HEADER &&
            exchange->head.header(exchange, operation->parameters[i].name).data)
            return true;
    return false;
}

/* --- all of them ------------------------------------------------------------------------------- */

static void fill_gap(struct exchange *exchange, size_t index, struct faults *faults)
{
    const struct parameter *parameter = &exchange->request.operation->parameters[index];
    const json_t *fallback = schema_default(parameter->schema);
    if (fallback)
        keep(exchange, index, json_deep_copy(fallback));
    else if (parameter->is_required)
        faults_add(faults, FAULT_required, places[parameter->in],
                   pointer_to(&exchange->request.arena, slice_of(parameter->name)), NULL);
}

void parameters_read_rest(struct exchange *exchange, struct faults *faults)
{
    const struct operation *operation = exchange->request.operation;
    struct slice rest = exchange->head.query;
    struct query_pair pair;

    while (query_next(&rest, &pair))
        read_pair(exchange, &pair, faults);
    for (size_t i = 0; i < operation->parameter_count; i++)
        if (operation->parameters[i].in == IN_HEADER)
            read_header(exchange, i, faults);
    for (size_t i = 0; i < operation->parameter_count; i++)
        if (operation->parameters[i].in != IN_PATH && !exchange->parameters[i])
            fill_gap(exchange, i, faults);
}

/* --- the scope of a cursor --------------------------------------------------------------------- */

static void write_value(struct buffer *out, const json_t *value)
{
    if (json_is_string(value)) {
        buffer_append(out, json_string_value(value), json_string_length(value));
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    buffer_str(out, text ? text : "");
    free(text);
}

/* Parsed values, in the contract's order: however a client orders or encodes the filters, it is the same
 * list. */
struct slice parameters_scope(const struct exchange *exchange, struct arena *arena)
{
    const struct operation *operation = exchange->request.operation;
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, SCOPE_MAX);

    buffer_str(&out, operation->id);
    buffer_char(&out, '\n');
    buffer_slice(&out, exchange->head.path);
    for (size_t i = 0; i < operation->parameter_count; i++) {
        const char *name = operation->parameters[i].name;
        if (operation->parameters[i].in != IN_QUERY || !exchange->parameters[i] ||
            strcmp(name, "cursor") == 0 || strcmp(name, "limit") == 0)
            continue;
        buffer_printf(&out, "\n%s=", name);
        write_value(&out, exchange->parameters[i]);
    }
    return arena_slice(arena, buffer_view(&out));
}

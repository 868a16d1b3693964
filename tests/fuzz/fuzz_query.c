/* Any bytes as a raw query, and as a cursor in it: what comes out of the parser is typed and clean, what is
 * refused has a fault, and no cursor is accepted but the very text that we would write. */
#include "../../src/http/parameters.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            __builtin_trap();                                                                                \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char contract_text[] =
    "openapi: 3.1.0\n"
    "info: {title: t, version: '1'}\n"
    "paths:\n"
    "  /t:\n"
    "    get:\n"
    "      operationId: t\n"
    "      security: [{}]\n"
    "      x-rate: read\n"
    "      parameters:\n"
    "        - {name: kind, in: query, schema: {type: string, enum: [good, bad]}}\n"
    "        - {name: since, in: query, schema: {type: string, format: date-time}}\n"
    "        - {name: least, in: query, schema: {type: integer, minimum: 1, maximum: 9}}\n"
    "        - {name: flag, in: query, schema: {type: boolean, default: false}}\n"
    "        - {name: words, in: query, explode: false,\n"
    "           schema: {type: array, maxItems: 3, items: {type: string, maxLength: 5}}}\n"
    "        - {name: q, in: query, schema: {type: string, maxLength: 20}}\n"
    "        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}\n"
    "        - {name: cursor, in: query, schema: {type: string, maxLength: 200}}\n"
    "      responses: {'204': {description: d}}\n";

static const struct operation *operation_of_contract(void)
{
    static const char *const permissions[] = {"p", NULL}, *const rates[] = {"read", NULL},
                             *const tags[] = {"t", NULL};
    static struct contract *contract;
    struct contract_vocabulary vocabulary = {permissions, rates, tags};
    struct contract_error error;
    if (!contract)
        contract = contract_compile(SLICE(contract_text), &vocabulary, &error);
    if (!contract) {
        fprintf(stderr, "line %u: %s\n", error.line, error.text);
        abort();
    }
    return contract_operation(contract, 0);
}

static struct slice no_header(const struct exchange *exchange, const char *name)
{
    (void)exchange;
    (void)name;
    return (struct slice){0};
}

static void check_values(const struct exchange *exchange)
{
    static const json_type wanted[] = {JSON_STRING, JSON_STRING, JSON_INTEGER, JSON_FALSE,
                                       JSON_ARRAY,  JSON_STRING, JSON_INTEGER, JSON_STRING};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const json_t *value = exchange->parameters[i];
        if (!value)
            continue;
        HOLDS(wanted[i] == JSON_FALSE ? json_is_boolean(value) : json_typeof(value) == wanted[i]);
        struct slice text = {json_string_value(value), json_string_length(value)};
        if (json_is_string(value))
            HOLDS(text_is_utf8(text) && !text_has_control(text));
    }
    HOLDS(exchange->parameters[3] && exchange->parameters[6]); /* defaults */
}

static void check_cursor(const struct exchange *exchange, struct arena *arena, struct slice text)
{
    static const struct secret key = {{1}};
    struct slice scope = parameters_scope(exchange, arena);
    struct cursor cursor;
    if (cursor_read(&key, scope, text, &cursor))
        HOLDS(slice_is(text, cursor_write(arena, &key, scope, cursor)));
    cursor = (struct cursor){.at_us = (int64_t)text.len};
    const char *written = cursor_write(arena, &key, scope, cursor);
    HOLDS(cursor_read(&key, scope, slice_of(written), &cursor) && cursor.at_us == (int64_t)text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    struct faults faults;
    exchange->request.operation = operation_of_contract();
    exchange->head.path = SLICE("/t");
    exchange->head.query = (struct slice){(const char *)data, size};
    exchange->head.header = no_header;
    arena_init(&exchange->request.arena, 16384);
    faults_init(&faults, &exchange->request.arena, 50);

    parameters_read_rest(exchange, &faults);
    if (faults.total == 0)
        check_values(exchange);
    check_cursor(exchange, &exchange->request.arena, exchange->head.query);
    arena_done(&exchange->request.arena);
    free(exchange);
    return 0;
}

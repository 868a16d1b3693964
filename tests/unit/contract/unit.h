/* What the unit tests of the contract share: cmocka, a vocabulary, and ways to compile a few lines of YAML.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contract/contract.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const unit_permissions[] = {"book.read", "book.write", NULL};
static const char *const unit_rates[] = {"read", "staff", NULL};
static const char *const unit_tags[] = {"shelves", "books", NULL};
static const struct contract_vocabulary unit_vocabulary = {unit_permissions, unit_rates, unit_tags};

#define UNIT_FILE_MAX 65536

/* A contract of one operation, to which a test appends `components`. */
#define UNIT_HEAD                                                                                            \
    "openapi: 3.1.0\n"                                                                                       \
    "info: {title: t, version: '1'}\n"                                                                       \
    "paths:\n"                                                                                               \
    "  /t: {get: {operationId: t, security: [{}], x-rate: read, responses: {'204': {description: d}}}}\n"    \
    "components:\n"                                                                                          \
    "  schemas:\n"

static inline UNUSED struct contract *unit_compile(const char *yaml)
{
    struct contract_error error = {0};
    struct contract *contract = contract_compile(slice_of(yaml), &unit_vocabulary, &error);

    if (!contract)
        fail_msg("line %u: %s", error.line, error.text);
    return contract;
}

static inline UNUSED struct contract *unit_compile_sample(void)
{
    static char text[UNIT_FILE_MAX];
    FILE *file = fopen(SOURCE_DIR "/tests/unit/contract/sample.yaml", "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return unit_compile(text);
}

/* A contract whose components have the one schema T, written in one line. */
static inline UNUSED struct contract *unit_compile_schema(const char *schema)
{
    char yaml[UNIT_FILE_MAX];

    snprintf(yaml, sizeof yaml, UNIT_HEAD "    T: %s\n", schema);
    return unit_compile(yaml);
}

/* All faults as "code@pointer(expected) ..." in their order; "" when there is none. */
static inline UNUSED const char *unit_faults_text(struct arena *arena, const struct faults *faults)
{
    const char *text = "";

    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        text = arena_printf(arena, "%s%s%s@%s", text, i > 0 ? " " : "", fault_code_name(fault->code),
                            fault->pointer);
        if (fault->expected)
            text = arena_printf(arena, "%s(%s)", text, fault->expected);
    }
    return text;
}

/* The faults of a JSON text under a schema; `*ret_value` (may be NULL) is the value afterwards. */
static inline UNUSED const char *unit_validate(struct arena *arena, const struct schema *schema,
                                               const char *json, enum schema_mode mode, json_t **ret_value)
{
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    struct faults faults;

    if (!value)
        fail_msg("no JSON: %s", json);
    faults_init(&faults, arena, 1000);
    schema_validate(schema, value, mode, FAULT_IN_BODY, "", &faults);
    assert_int_equal(faults.count, faults.total);
    if (ret_value)
        *ret_value = value;
    else
        json_decref(value);
    return unit_faults_text(arena, &faults);
}

#endif

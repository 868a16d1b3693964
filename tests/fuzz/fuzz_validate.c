/* A request body on its way in: bytes, JSON, validation. The first byte chooses the schema. A body without
 * faults must still have none when it is looked at again, as a request or as a reply. */
#include "sample.h"

#include "base/json.h"

#include <stdint.h>

#define FAULTS_MAX 200

static const char *const schemas[] = {"BookNew", "BookChange", "Media", "Shelf", "Person", "BookList"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pointers(const struct faults *faults)
{
    HOLDS(faults->count <= FAULTS_MAX && faults->count <= faults->total);
    for (size_t i = 0; i < faults->count; i++)
        HOLDS(faults->items[i].pointer[0] == '\0' || faults->items[i].pointer[0] == '/');
}

static void validate(const struct schema *schema, json_t *body, struct arena *arena)
{
    struct faults faults, again;

    faults_init(&faults, arena, FAULTS_MAX);
    faults_init(&again, arena, FAULTS_MAX);
    schema_validate(schema, body, SCHEMA_REPLY, FAULT_IN_BODY, "", &faults);
    check_pointers(&faults);

    faults_init(&faults, arena, FAULTS_MAX);
    schema_validate(schema, body, SCHEMA_REQUEST, FAULT_IN_BODY, "", &faults);
    check_pointers(&faults);
    if (faults.total > 0)
        return;
    HOLDS(!schema_validate(schema, body, SCHEMA_REQUEST, FAULT_IN_BODY, "", &again));
    schema_validate(schema, body, SCHEMA_REPLY, FAULT_IN_BODY, "", &again);
    HOLDS(again.total == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct json_limits limits = {.depth = 32, .nodes = 20000};
    json_t *body;

    if (size == 0)
        return 0;
    const char *name = schemas[data[0] % ARRAY_LEN(schemas)];
    if (json_read((struct slice){(const char *)data + 1, size - 1}, limits, &body, NULL) != JSON_FINE)
        return 0;

    struct arena arena;
    arena_init(&arena, 4096);
    validate(contract_schema(sample_contract(), name), body, &arena);
    arena_done(&arena);
    json_decref(body);
    return 0;
}

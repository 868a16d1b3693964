/* Any bytes as a strategy file: read, held against the schema and the checks behind it. Every fault says
 * where it is and what it is; a file without faults has what `mosharekat apply` hands to the database. */
#include "../../src/strategy.c"
#include "../../src/strategy_check.c"

#include "sample.h"

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Compiled at the first call. */
static const struct schema *strategy_schema(void)
{
    static struct contract *contract;
    static char yaml[SAMPLE_MAX];
    struct contract_error error;

    if (!contract) {
        FILE *file = fopen(SOURCE_DIR "/strategies/schema.yaml", "r");
        HOLDS(file);
        size_t len = fread(yaml, 1, sizeof yaml, file);
        fclose(file);
        contract = strategy_schema_compile((struct slice){yaml, len}, &error);
        HOLDS(contract);
    }
    return contract_schema(contract, "Strategy");
}

static void check_faults(const struct strategy_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct strategy_fault *fault = &faults->items[i];
        HOLDS(fault->pointer[0] == '\0' || fault->pointer[0] == '/');
        HOLDS(fault->sentence[0] != '\0' && text_is_utf8(slice_of(fault->sentence)));
        HOLDS(i == 0 || fault->line >= faults->items[i - 1].line);
    }
}

/* What the statement strategy_apply takes for granted. */
static void check_good(struct document *document)
{
    static const char *const lists[] = {"statement", "legal_bases", "promises",   "working_week",
                                        "units",     "channels",    "escalation", "roles"};
    const json_t *json = document_json(document);

    HOLDS(json_is_string(json_object_get(json, "slug")));
    HOLDS(json_object_size(json_object_get(json, "windows")) == DRAFT_KINDS);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        HOLDS(json_is_array(json_object_get(json, lists[i])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct strategy_faults faults; /* large */
    struct arena arena;

    arena_init(&arena, 16384);
    faults.arena = &arena;
    faults.count = 0;
    struct document *document =
        strategy_read((struct slice){(const char *)data, size}, strategy_schema(), &faults);
    HOLDS(document || faults.count == 1);
    check_faults(&faults);
    if (document && faults.count == 0)
        check_good(document);
    document_free(document);
    arena_done(&arena);
    return 0;
}

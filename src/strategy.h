/* Strategy files (strategies/schema.yaml): read and checked, every fault at once. Knows no database. */
#ifndef STRATEGY_H
#define STRATEGY_H

#include "contract/document.h"

#define STRATEGY_BYTES_MAX  ((size_t)1024 * 1024)
#define STRATEGY_FAULTS_MAX 1000

struct strategy_fault {
    unsigned line;       /* 0: the file as a whole */
    const char *pointer; /* JSON Pointer */
    const char *sentence;
};

struct strategy_faults {
    struct arena *arena; /* holds pointers and sentences */
    struct strategy_fault items[STRATEGY_FAULTS_MAX];
    size_t count;
};

/* strategies/schema.yaml, compiled; contract_schema(it, "Strategy") is the schema. NULL on error. */
MUST_USE struct contract *strategy_schema_compile(struct slice yaml, struct contract_error *ret_error);

/* The document (document_free), even with faults; NULL when it is no YAML. Good if faults->count is 0; faults
 * are in the order of their lines. Defaults are filled in. */
MUST_USE struct document *strategy_read(struct slice yaml, const struct schema *schema,
                                        struct strategy_faults *faults);

/* For strategy_check.c: adds a fault at a pointer. */
void strategy_fault_add(struct strategy_faults *faults, const struct document *document, const char *pointer,
                        const char *sentence);
/* What the schema cannot say. Bears any document, also one that the schema refused. */
void strategy_check(struct document *document, struct strategy_faults *faults);

#endif

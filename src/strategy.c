/* Reads a strategy file: YAML, then the schema, then strategy_check.c; the faults of all of them in one list.
 */
#include "strategy.h"

#include <stdlib.h>

struct contract *strategy_schema_compile(struct slice yaml, struct contract_error *ret_error)
{
    static const char *const none[] = {NULL}, *const rates[] = {"apply", NULL};
    const struct contract_vocabulary vocabulary = {none, rates, none};
    struct contract *contract = contract_compile(yaml, &vocabulary, ret_error);

    if (!contract || contract_schema(contract, "Strategy"))
        return contract;
    contract_free(contract);
    *ret_error = (struct contract_error){0, "there is no schema Strategy"};
    return NULL;
}

void strategy_fault_add(struct strategy_faults *faults, const struct document *document, const char *pointer,
                        const char *sentence)
{
    if (faults->count == STRATEGY_FAULTS_MAX)
        return;
    faults->items[faults->count++] = (struct strategy_fault){document_line(document, pointer),
                                                             arena_strdup(faults->arena, pointer), sentence};
}

/* The sentence of a fault, its %s replaced. */
static const char *sentence_of(struct arena *arena, const struct fault *fault)
{
    const char *text = fault_code_text(fault->code, false), *gap = strstr(text, "%s");
    if (!gap)
        return text;
    return arena_printf(arena, "%.*s%s%s", (int)(gap - text), text, fault->expected ? fault->expected : "",
                        gap + 2);
}

static void check_schema(struct document *document, const struct schema *schema,
                         struct strategy_faults *strategy_faults)
{
    struct faults faults;
    faults_init(&faults, strategy_faults->arena, STRATEGY_FAULTS_MAX);
    schema_validate(schema, document_json(document), SCHEMA_REQUEST, FAULT_IN_BODY, "", &faults);
    for (size_t i = 0; i < faults.count; i++)
        strategy_fault_add(strategy_faults, document, faults.items[i].pointer,
                           sentence_of(strategy_faults->arena, &faults.items[i]));
}

static int compare_lines(const void *a, const void *b)
{
    const struct strategy_fault *left = a, *right = b;
    int order = (left->line > right->line) - (left->line < right->line);
    return order != 0 ? order : strcmp(left->pointer, right->pointer);
}

struct document *strategy_read(struct slice yaml, const struct schema *schema, struct strategy_faults *faults)
{
    struct contract_error error;
    struct document *document = document_read(yaml, &error);
    if (!document) {
        faults->items[faults->count++] =
            (struct strategy_fault){error.line, "", arena_strdup(faults->arena, error.text)};
        return NULL;
    }
    check_schema(document, schema, faults);
    strategy_check(document, faults);
    qsort(faults->items, faults->count, sizeof faults->items[0], compare_lines);
    return document;
}

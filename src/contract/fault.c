/* The list of faults that a validation gathers, and their names and sentences. What is checked stands in
 * schema_check.c; how faults are shown to a client is the problem document's business. */
#include "contract/schema.h"

#include <stdint.h>

static const struct {
    const char *name, *persian, *english;
} fault_rows[FAULT_COUNT] = {
#define FAULT(code, persian, english) [FAULT_##code] = {#code, persian, english},
#include "contract/fault.def"
#undef FAULT
};

const char *fault_code_name(enum fault_code code)
{
    return fault_rows[code].name;
}

const char *fault_code_text(enum fault_code code, bool is_persian)
{
    return is_persian ? fault_rows[code].persian : fault_rows[code].english;
}

void faults_init(struct faults *faults, struct arena *arena, size_t max)
{
    *faults = (struct faults){.arena = arena, .max = max};
}

static void make_room(struct faults *faults)
{
    size_t cap = faults->cap ? faults->cap * 2 : 8;
    struct fault *items = arena_alloc_array(faults->arena, cap, sizeof *items);

    if (faults->count > 0)
        memcpy(items, faults->items, faults->count * sizeof *items);
    faults->items = items;
    faults->cap = cap;
}

void faults_add(struct faults *faults, enum fault_code code, enum fault_place place, const char *pointer,
                const char *expected)
{
    faults->total++;
    if (faults->count >= faults->max)
        return;
    if (faults->count == faults->cap)
        make_room(faults);
    faults->items[faults->count++] = (struct fault){
        .code = code,
        .place = place,
        .pointer = arena_strdup(faults->arena, pointer),
        .expected = expected ? arena_strdup(faults->arena, expected) : NULL,
    };
}

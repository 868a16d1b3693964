/* The reader of bodies: limits hold for every tree that it lets through, and it refuses for a true reason. */
#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits limits = {8, 64};

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Counts the values of a tree and how deep it is. */
static void measure(json_t *value, size_t depth, struct json_limits *seen)
{
    seen->nodes++;
    depth += json_is_object(value) || json_is_array(value);
    seen->depth = depth > seen->depth ? depth : seen->depth;
    size_t index;
    const char *name;
    json_t *item;
    json_array_foreach (value, index, item)
        measure(item, depth, seen);
    json_object_foreach (value, name, item)
        measure(item, depth, seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    json_t *bounded = NULL;
    size_t offset = 0;
    enum json_verdict verdict = json_read(text, limits, &bounded, &offset);
    json_t *plain = json_loadb(text.data ? text.data : "", size, JSON_REJECT_DUPLICATES, NULL);
    struct json_limits seen = {0, 0};
    if (plain)
        measure(plain, 0, &seen);
    bool fits = plain && seen.depth <= limits.depth && seen.nodes <= limits.nodes;
    require((verdict == JSON_FINE) == fits);
    require(verdict != JSON_FINE || json_equal(bounded, plain));
    require(offset <= size);
    json_decref(bounded);
    json_decref(plain);
    return 0;
}

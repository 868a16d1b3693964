/* JSON at the door: what is refused before jansson sees it, and jansson with the settings that we use. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/macros.h"
#include "base/slice.h"

#include <jansson.h>

enum json_verdict {
    JSON_FINE = 0,
    JSON_NOT_UTF8,
    JSON_TOO_DEEP,
    JSON_TOO_MANY_NODES,
    JSON_DUPLICATE_MEMBER,
    JSON_MALFORMED, /* syntax, NUL, a number out of range, a top-level scalar */
};

struct json_limits {
    size_t depth, nodes;
};

/* Bounds depth and node count by a scan of the bytes (PITFALLS 1.2: 1 MB of "{}," becomes 85 MB of heap),
 * then parses: duplicate members refused, no NUL. `*ret` is a new reference; `*ret_offset` (may be NULL) is
 * the byte where the fault was seen. The verdict never carries the input's text. */
MUST_USE enum json_verdict json_read(struct slice text, struct json_limits limits, json_t **ret,
                                     size_t *ret_offset);

/* Takes the reference and holds it as long as the arena lives; NULL stays NULL. Returns what it was given. */
json_t *json_keep(struct arena *arena, json_t *value);

/* A value as compact JSON, NUL-terminated, as long as the arena lives. */
struct slice json_text(struct arena *arena, const json_t *value);

#endif

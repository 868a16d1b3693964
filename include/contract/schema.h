/* Schemas: the part of JSON Schema (2020-12, as in OpenAPI 3.1) that the contract may use, and validation
 * that reports every fault at once.
 *
 * Keywords: type (a name or a list), enum, const, required, properties, additionalProperties (false unless
 * said), items, minItems, maxItems, uniqueItems, minLength, maxLength (code points), pattern, minimum,
 * maximum, format, oneOf with discriminator, $ref, default; title, description, examples, example, readOnly,
 * writeOnly, deprecated, x-* carry no check. Formats: uuid, date, date-time, email, uri, iran-mobile,
 * iran-national-id, tracking-code, slug. Any other keyword or format stops the compilation with its line. */
#ifndef CONTRACT_SCHEMA_H
#define CONTRACT_SCHEMA_H

#include "base/arena.h"
#include "base/macros.h"

#include <jansson.h>
#include <stdint.h>

struct schema;

/* The stable codes of faults: rows of include/contract/fault.def (code, Persian, English). */
enum fault_code {
#define FAULT(code, persian, english) FAULT_##code,
#include "contract/fault.def"
#undef FAULT
    FAULT_COUNT
};
const char *fault_code_name(enum fault_code code);
/* The sentence of a fault, "%s" in it standing for `expected`. */
const char *fault_code_text(enum fault_code code, bool is_persian);

enum fault_place { FAULT_IN_BODY, FAULT_IN_QUERY, FAULT_IN_HEADER, FAULT_IN_PATH };

struct fault {
    enum fault_code code;
    enum fault_place place;
    const char *pointer;  /* JSON Pointer into the body (RFC 6901), or "/name" of a parameter; in the arena */
    const char *expected; /* what would be right: "1000", "for, against, neutral"; NULL if nothing to say */
};

struct faults {
    struct arena *arena;
    struct fault *items;
    size_t count; /* kept: at most max */
    size_t total; /* seen */
    size_t cap, max;
};

void faults_init(struct faults *faults, struct arena *arena, size_t max);
void faults_add(struct faults *faults, enum fault_code code, enum fault_place place, const char *pointer,
                const char *expected);

/* What to do besides checking. */
enum schema_mode {
    /* Fill in defaults, bring strings to NFC, refuse control characters, and blanks where minLength wants something. */
    SCHEMA_REQUEST,
    SCHEMA_REPLY, /* check only */
};

/* Adds every fault of `value` to `faults`. `pointer` is where `value` stands ("" for a body). Returns true if
 * `value` was changed (a default filled in, a string brought to NFC). */
bool schema_validate(const struct schema *schema, json_t *value, enum schema_mode mode,
                     enum fault_place place, const char *pointer, struct faults *faults);

/* A parameter's text as the value its schema wants: integers and booleans are parsed, an array schema
 * splits at commas, all else is a string (kept a string when it does not parse, so that validation says
 * what is wrong). New reference, never NULL. `text` is percent-decoded UTF-8. */
json_t *schema_parse_text(const struct schema *schema, struct slice text);

bool schema_accepts_null(const struct schema *schema);
/* What stands for a member or parameter that is missing; NULL when nothing does. Copy it before you change
 * it. */
const json_t *schema_default(const struct schema *schema);
/* The name of its format ("date-time"), or NULL. */
const char *schema_format(const struct schema *schema);

#endif

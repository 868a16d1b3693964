/* A compiled schema: constant once compiled, shared by all threads. */
#ifndef CONTRACT_SCHEMA_INTERNAL_H
#define CONTRACT_SCHEMA_INTERNAL_H

#include "contract/schema.h"

enum schema_type {
    TYPE_NULL = 1 << 0,
    TYPE_BOOLEAN = 1 << 1,
    TYPE_INTEGER = 1 << 2,
    TYPE_NUMBER = 1 << 3, /* integers too */
    TYPE_STRING = 1 << 4,
    TYPE_ARRAY = 1 << 5,
    TYPE_OBJECT = 1 << 6,
};

struct property {
    const char *name;
    size_t name_len;
    struct schema *schema; /* NULL: required, but free in its value */
    bool is_required;
};

struct variant {
    const char *value; /* of the discriminator */
    struct schema *schema;
};

struct limit {
    json_t *value; /* NULL: none */
    const char *text;
};

struct format {
    const char *name;
    bool (*accepts)(struct slice text, struct arena *scratch);
};

struct schema {
    unsigned line;
    struct schema *next; /* all schemas of a contract */
    unsigned bounded;    /* bits: where schema_require_bounds() has been here */

    unsigned types;        /* bits of schema_type; 0: any */
    const char *type_text; /* "string or null" */
    bool or_null;          /* oneOf [{type: 'null'}, target] */
    struct schema *target; /* what is checked instead */

    json_t *allowed; /* enum and const: an array, or NULL */
    const char *allowed_text;
    json_t *fallback; /* default */
    unsigned fallback_line;

    struct property *properties; /* in the order of the file */
    size_t property_count;
    bool is_open; /* further members are allowed: any, or as `additional` says */
    struct schema *additional;

    struct schema *items;
    size_t min_items, max_items; /* SIZE_MAX: no limit */
    bool is_unique;

    size_t min_length, max_length;
    const struct pattern *pattern; /* compiled by pattern_compile() */
    const char *pattern_text;
    const struct format *format;
    struct limit minimum, maximum;

    const char *discriminator; /* its property; then variants are what is checked */
    struct variant *variants;
    size_t variant_count;
    const char *variant_text;
};

/* NULL when there is no such format. */
const struct format *format_find(const char *name);

/* A PCRE2 pattern in the dialect of JSON Schema: UTF-8, unanchored, $ only at the very end. NULL when it is
 * wrong, with the compiler's words and the offset of the fault. Lives as long as the arena. */
const struct pattern *pattern_compile(struct arena *arena, const char *text, const char **ret_problem,
                                      size_t *ret_offset);
/* A match that takes too many steps counts as none. */
bool pattern_matches(const struct pattern *pattern, struct slice text);

/* The types that a value has: an integer is a number too. */
unsigned schema_types_of(const json_t *value);
/* Like strcmp, over integers and reals. */
int schema_compare_numbers(const json_t *a, const json_t *b);

#endif

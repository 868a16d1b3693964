/* What the compilers of the contract's parts share. They return false or NULL after compile_fail(), which
 * keeps the first error; nobody goes on after one. */
#ifndef CONTRACT_COMPILE_H
#define CONTRACT_COMPILE_H

#include "node.h"
#include "schema_internal.h"

struct compiler {
    struct arena *arena;
    const struct node *root;
    const struct contract_vocabulary *vocabulary;
    struct contract_error *error;
    struct schema *schemas; /* all so far */
};

/* Always false, so that `return compile_fail(...)` reads well. */
bool compile_fail(struct compiler *compiler, unsigned line, const char *format, ...) PRINTF_LIKE(3, 4);

/* Fails on a key of `map` that is not in `known` (ended by NULL), and when `map` is no map; `what` names it.
 */
MUST_USE bool compile_known_keys(struct compiler *compiler, const struct node *map, const char *const *known,
                                 const char *what);
/* The text of the member `key`, which must be there and be a text; NULL after an error. */
MUST_USE const char *compile_text(struct compiler *compiler, const struct node *map, const char *key);
MUST_USE bool compile_bool(struct compiler *compiler, const struct node *node, bool *ret);
MUST_USE bool compile_count(struct compiler *compiler, const struct node *node, size_t *ret);
/* What {$ref: '#/components/<section>/<name>'} names, which must not be a reference itself; `node` when it is
 * no reference. NULL after an error. */
MUST_USE struct node *compile_resolve(struct compiler *compiler, struct node *node, const char *section);
/* `left`, separator, `right`; only `right` when `left` is NULL. */
const char *compile_join(struct compiler *compiler, const char *left, const char *separator,
                         const char *right);
/* Keeps a json_t as long as the contract. */
json_t *compile_keep(struct compiler *compiler, json_t *json);

/* The schema of a node, compiled once: a node remembers it, so that references may go in circles. NULL after
 * an error. */
MUST_USE struct schema *schema_compile(struct compiler *compiler, struct node *node);
MUST_USE bool schema_apply_keywords(struct compiler *compiler, struct schema *schema,
                                    const struct node *node);
MUST_USE bool schema_compile_one_of(struct compiler *compiler, struct schema *schema,
                                    const struct node *node);
/* Every default fits its own schema. To be called when all schemas are compiled. */
MUST_USE bool schema_check_defaults(struct compiler *compiler);
/* Limits where bytes enter: whatever a request body may carry has a schema, texts and lists an upper limit. A
 * merge patch has no defaults either: a missing member means "as it was". */
MUST_USE bool schema_require_bounds(struct compiler *compiler, struct schema *body, bool is_merge_patch);

#endif

/* A YAML file as a tree that remembers its lines: what contract, schemas and documents are compiled from.
 *
 * Stricter than YAML: no anchors, aliases, tags, duplicate keys, NUL bytes or second document, and at most
 * NODE_DEPTH_MAX levels. Nodes live in the arena; text is NUL-terminated UTF-8. */
#ifndef CONTRACT_NODE_H
#define CONTRACT_NODE_H

#include "base/arena.h"
#include "contract/contract.h"

#define NODE_DEPTH_MAX 64
#define NODE_BYTES_MAX (4u * 1024 * 1024)

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    unsigned line;             /* where the value starts, from 1 */
    bool is_plain;             /* a scalar without quotes: may be null, a boolean or a number */
    struct slice text;         /* of a scalar */
    const char *key;           /* of a map's child */
    unsigned key_line;         /* of a map's child; of a list's child its own line */
    struct node *first, *next; /* children in the order of the file */
    struct node **by_key;      /* a map's children, sorted */
    size_t count;
    struct schema *schema; /* what schema_compile() made of this node: a second $ref finds it here */
};

MUST_USE struct node *node_read(struct arena *arena, struct slice yaml, struct contract_error *ret_error);

/* The child of a map; NULL when `node` is NULL, no map, or has no such key. */
struct node *node_get(const struct node *node, const char *key);
/* The text of a scalar that is a string under the core schema; NULL for anything else, and for NULL. */
const char *node_text(const struct node *node);
bool node_is_null(const struct node *node);
/* New reference. The core schema, with numbers only where JSON would read one: 0912 and 0o17 stay text. */
json_t *node_json(const struct node *node);

/* Fills in the error, cut at a whole code point. */
void contract_error_set(struct contract_error *error, unsigned line, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif

/* A YAML file as JSON, beside the nodes it came from: these know the lines. */
#include "contract/document.h"

#include "node.h"

#include <stdlib.h>

#define DOCUMENT_CHUNK ((size_t)16 * 1024)
#define NAME_MAX_BYTES 1024

struct document {
    struct arena arena; /* holds the document itself */
    const struct node *root;
    json_t *json;
};

struct document *document_read(struct slice yaml, struct contract_error *ret_error)
{
    struct arena arena;

    arena_init(&arena, DOCUMENT_CHUNK);
    const struct node *root = node_read(&arena, yaml, ret_error);
    if (!root) {
        arena_done(&arena);
        return NULL;
    }
    struct document *document = arena_alloc(&arena, sizeof *document);
    *document = (struct document){.arena = arena, .root = root, .json = node_json(root)};
    return document;
}

void document_free(struct document *document)
{
    if (!document)
        return;
    struct arena arena = document->arena; /* the document lies in it */
    json_decref(document->json);
    arena_done(&arena);
}

json_t *document_json(struct document *document)
{
    return document->json;
}

/* One part of a JSON Pointer as a name: ~1 is /, ~0 is ~. False when it is too long. */
static bool unescape(const char *part, size_t len, char name[NAME_MAX_BYTES])
{
    size_t out = 0;

    if (len >= NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool is_escape = part[i] == '~' && i + 1 < len;
        name[out++] = !is_escape ? part[i] : part[i + 1] == '1' ? '/' : '~';
        i += is_escape;
    }
    name[out] = '\0';
    return true;
}

static const struct node *find_item(const struct node *list, const char *index)
{
    size_t left = strtoul(index, NULL, 10);
    const struct node *item = list->first;

    while (item && left-- > 0)
        item = item->next;
    return item;
}

static const struct node *find_part(const struct node *node, const char *part, size_t len)
{
    char name[NAME_MAX_BYTES];

    if (!unescape(part, len, name))
        return NULL;
    return node->kind == NODE_LIST ? find_item(node, name) : node_get(node, name);
}

unsigned document_line(const struct document *document, const char *pointer)
{
    const struct node *node = document->root;

    while (*pointer == '/') {
        size_t len = strcspn(pointer + 1, "/");
        const struct node *child = find_part(node, pointer + 1, len);
        if (!child)
            break;
        node = child;
        pointer += 1 + len;
    }
    return node->line;
}

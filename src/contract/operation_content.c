/* What an operation takes and gives: the one media type of its request body and of each response. */
#include "operation.h"

#define MEDIA_JSON        "application/json"
#define MEDIA_PROBLEM     "application/problem+json"
#define MEDIA_MERGE_PATCH "application/merge-patch+json"
#define MEDIA_BYTES       "application/octet-stream"
#define MEDIA_LINES       "application/x-ndjson" /* its schema is that of one line */

/* The single entry of `content`, and its schema (NULL when it has none). */
static bool read_content(struct compiler *compiler, const struct node *content, const char **ret_media_type,
                         struct node **ret_schema)
{
    static const char *const known[] = {"schema", "example", "examples", NULL};

    if (content->kind != NODE_MAP || content->count != 1) {
        compile_fail(compiler, content->line, "content must have exactly one media type");
        return false;
    }
    const struct node *media = content->first;
    if (!compile_known_keys(compiler, media, known, "a media type"))
        return false;
    *ret_media_type = media->key;
    *ret_schema = node_get(media, "schema");
    return true;
}

static bool compile_body_schema(struct compiler *compiler, const struct node *content,
                                struct operation *operation)
{
    const char *media;
    struct node *node;

    if (!read_content(compiler, content, &media, &node))
        return false;
    bool is_merge_patch = strcmp(media, MEDIA_MERGE_PATCH) == 0;
    bool is_json = is_merge_patch || strcmp(media, MEDIA_JSON) == 0;
    if (!is_json && strcmp(media, MEDIA_BYTES) != 0)
        return compile_fail(compiler, content->first->key_line, "a request body may not be %s", media);
    if (is_json != (node != NULL))
        return compile_fail(compiler, content->first->key_line,
                            is_json ? "%s needs a schema" : "%s has no schema", media);
    operation->body_media_type = media;
    if (!node)
        return true;
    struct schema *schema = schema_compile(compiler, node);
    operation->body = schema;
    return schema && schema_require_bounds(compiler, schema, is_merge_patch);
}

bool operation_compile_body(struct compiler *compiler, const struct node *node, struct operation *operation)
{
    static const char *const known[] = {"description", "required", "content", NULL};
    struct node *entry = node_get(node, "requestBody");

    if (!entry)
        return true;
    if (operation->method == METHOD_GET)
        return compile_fail(compiler, entry->key_line, "a GET takes no body");
    const struct node *body = compile_resolve(compiler, entry, "requestBodies");
    if (!body || !compile_known_keys(compiler, body, known, "a request body"))
        return false;
    const struct node *required = node_get(body, "required"), *content = node_get(body, "content");
    if (required && !compile_bool(compiler, required, &operation->is_body_required))
        return false;
    if (!content)
        return compile_fail(compiler, body->line, "a request body needs content");
    return compile_body_schema(compiler, content, operation);
}

static bool read_status(struct compiler *compiler, const struct node *entry, unsigned *ret)
{
    const char *text = entry->key;

    if (strcmp(text, "default") == 0) {
        *ret = 0;
        return true;
    }
    if (strlen(text) != 3 || strspn(text, "0123456789") != 3 || text[0] < '1' || text[0] > '5')
        return compile_fail(compiler, entry->key_line, "'%s' is no status: 100 to 599, or default", text);
    *ret = (unsigned)((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'));
    return true;
}

static bool check_headers(struct compiler *compiler, const struct node *headers)
{
    if (!headers)
        return true;
    if (headers->kind != NODE_MAP)
        return compile_fail(compiler, headers->line, "headers must be a map");
    for (struct node *header = headers->first; header; header = header->next)
        if (!compile_resolve(compiler, header, "headers"))
            return false;
    return true;
}

static bool read_response(struct compiler *compiler, struct node *entry, struct response *ret)
{
    static const char *const known[] = {"description", "headers", "content", NULL};
    struct node *schema;

    if (!read_status(compiler, entry, &ret->status))
        return false;
    const struct node *node = compile_resolve(compiler, entry, "responses");
    if (!node || !compile_known_keys(compiler, node, known, "a response"))
        return false;
    const struct node *content = node_get(node, "content");
    if (!compile_text(compiler, node, "description") || !check_headers(compiler, node_get(node, "headers")))
        return false;
    if (!content)
        return true;
    if (!read_content(compiler, content, &ret->media_type, &schema))
        return false;
    if (!schema)
        return true;
    if (strcmp(ret->media_type, MEDIA_LINES) == 0) /* told, not checked: no answer is ever there as a whole */
        return schema_compile(compiler, schema) != NULL;
    if (strcmp(ret->media_type, MEDIA_JSON) != 0 && strcmp(ret->media_type, MEDIA_PROBLEM) != 0)
        return compile_fail(compiler, content->first->key_line, "%s has no schema", ret->media_type);
    ret->schema = schema_compile(compiler, schema);
    return ret->schema;
}

bool operation_compile_responses(struct compiler *compiler, const struct node *node,
                                 struct operation *operation)
{
    const struct node *responses = node_get(node, "responses");

    if (!responses || responses->kind != NODE_MAP || responses->count == 0)
        return compile_fail(compiler, responses ? responses->line : node->key_line,
                            "an operation needs responses");
    struct response *items = arena_alloc_array(compiler->arena, responses->count, sizeof *items);
    for (struct node *entry = responses->first; entry; entry = entry->next)
        if (!read_response(compiler, entry, &items[operation->response_count++]))
            return false;
    operation->responses = items;
    return true;
}

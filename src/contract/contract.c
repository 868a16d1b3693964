/* The contract as a whole: compiles components and paths, and answers questions about the result. The parts
 * are in schema_*.c, operation_*.c and router.c. */
#include "contract/contract.h"

#include "operation.h"
#include "router.h"

#include <stdlib.h>

#define CONTRACT_CHUNK ((size_t)64 * 1024)

struct contract {
    struct arena arena; /* holds the contract itself */
    const struct node *root;
    struct operation *operations;
    size_t operation_count;
    struct route_node *router;
    struct slice json;
};

const char *const http_method_names[METHOD_COUNT] = {
    [METHOD_GET] = "GET",     [METHOD_HEAD] = "HEAD",     [METHOD_POST] = "POST",       [METHOD_PUT] = "PUT",
    [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE", [METHOD_OPTIONS] = "OPTIONS",
};

/* HEAD and OPTIONS are the server's own business. */
static const struct {
    const char *key;
    enum http_method method;
} methods[] = {
    {"get", METHOD_GET},     {"post", METHOD_POST},     {"put", METHOD_PUT},
    {"patch", METHOD_PATCH}, {"delete", METHOD_DELETE},
};

static const char *const known_members[] = {"openapi", "info",       "servers", "tags",
                                            "paths",   "components", NULL};
static const char *const known_path_members[] = {"get",     "post",        "put",        "patch", "delete",
                                                 "summary", "description", "parameters", NULL};
static const char *const known_components[] = {"schemas", "parameters", "responses",       "requestBodies",
                                               "headers", "examples",   "securitySchemes", NULL};

/* A comma that somebody forgot to quote makes another member of what follows it. */
static bool check_tags(struct compiler *compiler)
{
    static const char *const known[] = {"name", "description", NULL};
    const struct node *tags = node_get(compiler->root, "tags");

    if (!tags)
        return true;
    if (tags->kind != NODE_LIST)
        return compile_fail(compiler, tags->line, "'tags' must be a list");
    for (const struct node *tag = tags->first; tag; tag = tag->next)
        if (!compile_known_keys(compiler, tag, known, "a tag") || !compile_text(compiler, tag, "name"))
            return false;
    return true;
}

static bool check_head(struct compiler *compiler)
{
    const struct node *root = compiler->root;
    const struct node *components = node_get(root, "components"), *paths = node_get(root, "paths");

    if (!compile_known_keys(compiler, root, known_members, "a contract"))
        return false;
    const char *version = compile_text(compiler, root, "openapi");
    if (!version)
        return false;
    if (strncmp(version, "3.1.", 4) != 0)
        return compile_fail(compiler, node_get(root, "openapi")->line, "OpenAPI 3.1 is read here, not %s",
                            version);
    if (!paths || paths->kind != NODE_MAP || paths->count == 0)
        return compile_fail(compiler, paths ? paths->line : 0, "'paths' must be a map of paths");
    if (components && !compile_known_keys(compiler, components, known_components, "components"))
        return false;
    return check_tags(compiler);
}

/* All of them, so that one that nobody uses yet is sound too. */
static bool compile_schemas(struct compiler *compiler)
{
    const struct node *schemas = node_get(node_get(compiler->root, "components"), "schemas");

    if (!schemas)
        return true;
    for (struct node *node = schemas->first; node; node = node->next)
        if (!schema_compile(compiler, node))
            return false;
    return true;
}

/* False for a member of a path that is no operation. */
static bool find_method(const char *key, enum http_method *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (strcmp(methods[i].key, key) == 0) {
            *ret = methods[i].method;
            return true;
        }
    }
    return false;
}

static size_t count_operations(const struct node *paths)
{
    enum http_method ignored;
    size_t count = 0;

    for (const struct node *item = paths->first; item; item = item->next)
        for (const struct node *node = item->kind == NODE_MAP ? item->first : NULL; node; node = node->next)
            count += find_method(node->key, &ignored);
    return count;
}

static bool add_operation(struct compiler *compiler, struct contract *contract, struct route_node *place,
                          const struct node *path_item, const struct node *node, enum http_method method)
{
    struct operation *operation = &contract->operations[contract->operation_count];

    operation->path = path_item->key;
    operation->method = method;
    operation->index = (unsigned)contract->operation_count;
    if (!operation_compile(compiler, path_item, node, operation))
        return false;
    for (size_t i = 0; i < contract->operation_count; i++)
        if (strcmp(contract->operations[i].id, operation->id) == 0)
            return compile_fail(compiler, node_get(node, "operationId")->line,
                                "the operationId '%s' is taken by line %u", operation->id,
                                contract->operations[i].line);
    contract->operation_count++;
    router_add_operation(place, operation);
    return true;
}

static bool add_path(struct compiler *compiler, struct contract *contract, const struct node *item)
{
    size_t before = contract->operation_count;

    if (!compile_known_keys(compiler, item, known_path_members, "a path") || !path_check(compiler, item))
        return false;
    struct route_node *place = router_add_path(compiler->arena, contract->router, item->key);
    if (router_path(place) != item->key)
        return compile_fail(compiler, item->key_line, "this path has the shape of %s", router_path(place));
    for (const struct node *node = item->first; node; node = node->next) {
        enum http_method method;
        if (find_method(node->key, &method) && !add_operation(compiler, contract, place, item, node, method))
            return false;
    }
    return contract->operation_count > before ||
           compile_fail(compiler, item->key_line, "a path needs an operation");
}

static bool compile_paths(struct compiler *compiler, struct contract *contract)
{
    const struct node *paths = node_get(compiler->root, "paths");

    contract->router = router_new(compiler->arena);
    contract->operations =
        arena_alloc_array(compiler->arena, count_operations(paths), sizeof *contract->operations);
    for (const struct node *item = paths->first; item; item = item->next)
        if (!add_path(compiler, contract, item))
            return false;
    return true;
}

static void write_json(struct compiler *compiler, struct contract *contract)
{
    json_t *json = node_json(compiler->root);
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));

    json_decref(json);
    if (!text)
        abort();
    arena_defer(compiler->arena, free, text);
    contract->json = slice_of(text);
}

static struct contract *compile_contract(struct compiler *compiler)
{
    struct contract *contract = arena_alloc(compiler->arena, sizeof *contract);

    contract->root = compiler->root;
    if (!check_head(compiler) || !compile_schemas(compiler) || !compile_paths(compiler, contract) ||
        !schema_check_defaults(compiler))
        return NULL;
    write_json(compiler, contract);
    return contract;
}

struct contract *contract_compile(struct slice yaml, const struct contract_vocabulary *vocabulary,
                                  struct contract_error *ret_error)
{
    struct arena arena;

    arena_init(&arena, CONTRACT_CHUNK);
    const struct node *root = node_read(&arena, yaml, ret_error);
    struct compiler compiler = {.arena = &arena, .root = root, .vocabulary = vocabulary, .error = ret_error};
    struct contract *contract = root ? compile_contract(&compiler) : NULL;
    if (!contract) {
        arena_done(&arena);
        return NULL;
    }
    contract->arena = arena;
    return contract;
}

void contract_free(struct contract *contract)
{
    if (!contract)
        return;
    struct arena arena = contract->arena; /* the contract lies in it */
    arena_done(&arena);
}

size_t contract_operation_count(const struct contract *contract)
{
    return contract->operation_count;
}

const struct operation *contract_operation(const struct contract *contract, size_t index)
{
    return index < contract->operation_count ? &contract->operations[index] : NULL;
}

const struct schema *contract_schema(const struct contract *contract, const char *name)
{
    const struct node *schemas = node_get(node_get(contract->root, "components"), "schemas");
    const struct node *node = node_get(schemas, name);

    return node ? node->schema : NULL;
}

struct slice contract_as_json(const struct contract *contract)
{
    return contract->json;
}

enum route_result contract_route(const struct contract *contract, enum http_method method, struct slice path,
                                 struct route_match *ret)
{
    return router_match(contract->router, method, path, ret);
}

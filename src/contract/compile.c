/* What the compilers of the contract's parts share: errors, references, scalars with a meaning. */
#include "compile.h"

#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>

bool compile_fail(struct compiler *compiler, unsigned line, const char *format, ...)
{
    char text[sizeof compiler->error->text * 2];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    contract_error_set(compiler->error, line, "%s", text);
    return false;
}

static bool is_known(const char *key, const char *const *known)
{
    for (; *known; known++)
        if (strcmp(key, *known) == 0)
            return true;
    return false;
}

bool compile_known_keys(struct compiler *compiler, const struct node *map, const char *const *known,
                        const char *what)
{
    if (map->kind != NODE_MAP)
        return compile_fail(compiler, map->line, "%s must be a map", what);
    for (const struct node *child = map->first; child; child = child->next)
        if (!is_known(child->key, known))
            return compile_fail(compiler, child->key_line, "%s knows no '%s'", what, child->key);
    return true;
}

const char *compile_text(struct compiler *compiler, const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);

    if (!node) {
        compile_fail(compiler, map->key_line, "'%s' is missing", key);
        return NULL;
    }
    const char *text = node_text(node);
    if (!text)
        compile_fail(compiler, node->line, "'%s' must be a text", key);
    return text;
}

bool compile_bool(struct compiler *compiler, const struct node *node, bool *ret)
{
    json_t *json = node_json(node);
    bool is_bool = json_is_boolean(json), value = json_is_true(json);

    json_decref(json);
    if (!is_bool)
        return compile_fail(compiler, node->line, "'%s' must be true or false", node->key);
    *ret = value;
    return true;
}

bool compile_count(struct compiler *compiler, const struct node *node, size_t *ret)
{
    json_t *json = node_json(node);
    json_int_t value = json_is_integer(json) ? json_integer_value(json) : -1;

    json_decref(json);
    if (value < 0)
        return compile_fail(compiler, node->line, "'%s' must be a whole number, 0 or more", node->key);
    *ret = (size_t)value;
    return true;
}

struct node *compile_resolve(struct compiler *compiler, struct node *node, const char *section)
{
    const struct node *reference = node_get(node, "$ref");
    char prefix[64];

    if (!reference)
        return node;
    const char *text = node_text(reference);
    int len = snprintf(prefix, sizeof prefix, "#/components/%s/", section);
    if (!text || strncmp(text, prefix, (size_t)len) != 0) {
        compile_fail(compiler, reference->line, "a $ref here must begin with '%s'", prefix);
        return NULL;
    }
    struct node *target = node_get(node_get(node_get(compiler->root, "components"), section), text + len);
    if (!target) {
        compile_fail(compiler, reference->line, "there is no '%s'", text);
        return NULL;
    }
    if (node_get(target, "$ref")) {
        compile_fail(compiler, reference->line, "'%s' is itself only a $ref", text);
        return NULL;
    }
    return target;
}

const char *compile_join(struct compiler *compiler, const char *left, const char *separator,
                         const char *right)
{
    return left ? arena_printf(compiler->arena, "%s%s%s", left, separator, right) : right;
}

json_t *compile_keep(struct compiler *compiler, json_t *json)
{
    return json_keep(compiler->arena, json);
}

/* The keywords of a schema: one table of them, in the order in which they are compiled; what it does not hold
 * is an error. References and the rules over whole schemas are in schema_compile.c, oneOf in schema_one_of.c.
 */
#include "compile.h"

#include <stdint.h>
#include <stdlib.h>

struct keyword {
    const char *name;
    unsigned types; /* means something for these only, so `type` must name one of them; 0: for all */
    bool (*compile)(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                    struct node *value); /* NULL: carries no check */
    size_t offset;                       /* of the member of struct schema, where several share a function */
};

static const struct {
    const char *name;
    unsigned bit;
} type_names[] = {
    {"null", TYPE_NULL},     {"boolean", TYPE_BOOLEAN}, {"integer", TYPE_INTEGER}, {"number", TYPE_NUMBER},
    {"string", TYPE_STRING}, {"array", TYPE_ARRAY},     {"object", TYPE_OBJECT},
};

static const char *json_as_text(struct compiler *compiler, const json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value);
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (!text)
        abort();
    char *kept = arena_strdup(compiler->arena, text);
    free(text);
    return kept;
}

static bool add_type(struct compiler *compiler, struct schema *schema, const struct node *node)
{
    const char *name = node_text(node);

    if (!name)
        return compile_fail(compiler, node->line, "a type is a text ('null' needs its quotes)");
    for (size_t i = 0; i < ARRAY_LEN(type_names); i++) {
        if (strcmp(name, type_names[i].name) != 0)
            continue;
        schema->types |= type_names[i].bit;
        schema->type_text = compile_join(compiler, schema->type_text, " or ", type_names[i].name);
        return true;
    }
    return compile_fail(compiler, node->line, "there is no type '%s'", name);
}

static bool compile_type(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                         struct node *value)
{
    (void)keyword;
    if (value->kind != NODE_LIST)
        return add_type(compiler, schema, value);
    if (value->count == 0)
        return compile_fail(compiler, value->line, "a list of types may not be empty");
    for (struct node *name = value->first; name; name = name->next)
        if (!add_type(compiler, schema, name))
            return false;
    return true;
}

static bool add_allowed(struct compiler *compiler, struct schema *schema, const struct node *node)
{
    json_t *value = node_json(node);

    json_array_append_new(schema->allowed, value);
    if (schema->types && !(schema->types & schema_types_of(value)))
        return compile_fail(compiler, node->line, "this value is not of type %s", schema->type_text);
    schema->allowed_text = compile_join(compiler, schema->allowed_text, ", ", json_as_text(compiler, value));
    return true;
}

static bool compile_enum(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                         struct node *value)
{
    (void)keyword;
    if (value->kind != NODE_LIST || value->count == 0)
        return compile_fail(compiler, value->line, "enum must be a list of values");
    schema->allowed = compile_keep(compiler, json_array());
    for (const struct node *one = value->first; one; one = one->next)
        if (!add_allowed(compiler, schema, one))
            return false;
    return true;
}

static bool compile_const(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                          struct node *value)
{
    (void)keyword;
    if (schema->allowed)
        return compile_fail(compiler, value->key_line, "const and enum may not stand together");
    schema->allowed = compile_keep(compiler, json_array());
    return add_allowed(compiler, schema, value);
}

static bool compile_default(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                            struct node *value)
{
    (void)keyword;
    schema->fallback = compile_keep(compiler, node_json(value));
    schema->fallback_line = value->line;
    return true;
}

static bool compile_properties(struct compiler *compiler, struct schema *schema,
                               const struct keyword *keyword, struct node *value)
{
    (void)keyword;
    if (value->kind != NODE_MAP)
        return compile_fail(compiler, value->line, "properties must be a map");
    schema->properties = arena_alloc_array(compiler->arena, value->count, sizeof *schema->properties);
    for (struct node *child = value->first; child; child = child->next) {
        struct schema *compiled = schema_compile(compiler, child);
        if (!compiled)
            return false;
        schema->properties[schema->property_count++] =
            (struct property){child->key, strlen(child->key), compiled, false};
    }
    return true;
}

static bool compile_additional(struct compiler *compiler, struct schema *schema,
                               const struct keyword *keyword, struct node *value)
{
    (void)keyword;
    if (value->kind == NODE_SCALAR)
        return compile_bool(compiler, value, &schema->is_open);
    schema->is_open = true;
    schema->additional = schema_compile(compiler, value);
    return schema->additional;
}

static bool require_member(struct compiler *compiler, struct schema *schema, const struct node *node)
{
    const char *name = node_text(node);

    if (!name)
        return compile_fail(compiler, node->line, "required must be a list of names");
    for (size_t i = 0; i < schema->property_count; i++) {
        if (strcmp(schema->properties[i].name, name) == 0) {
            schema->properties[i].is_required = true;
            return true;
        }
    }
    if (!schema->is_open)
        return compile_fail(compiler, node->line, "'%s' is required but not among the properties", name);
    schema->properties[schema->property_count++] =
        (struct property){name, strlen(name), schema->additional, true};
    return true;
}

static bool compile_required(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                             struct node *value)
{
    (void)keyword;
    if (value->kind != NODE_LIST)
        return compile_fail(compiler, value->line, "required must be a list of names");

    struct property *properties =
        arena_alloc_array(compiler->arena, schema->property_count + value->count, sizeof *schema->properties);
    if (schema->property_count > 0)
        memcpy(properties, schema->properties, schema->property_count * sizeof *properties);
    schema->properties = properties;
    for (const struct node *name = value->first; name; name = name->next)
        if (!require_member(compiler, schema, name))
            return false;
    return true;
}

static bool compile_items(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                          struct node *value)
{
    (void)keyword;
    schema->items = schema_compile(compiler, value);
    return schema->items;
}

static bool compile_size(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                         struct node *value)
{
    return compile_count(compiler, value, (size_t *)(void *)((char *)schema + keyword->offset));
}

static bool compile_unique(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                           struct node *value)
{
    (void)keyword;
    if (!compile_bool(compiler, value, &schema->is_unique))
        return false;
    if (schema->is_unique && schema->max_items == SIZE_MAX)
        return compile_fail(compiler, value->key_line, "uniqueItems needs maxItems beside it");
    return true;
}

static bool compile_limit(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                          struct node *value)
{
    struct limit *limit = (struct limit *)(void *)((char *)schema + keyword->offset);

    limit->value = compile_keep(compiler, node_json(value));
    limit->text = json_as_text(compiler, limit->value);
    return json_is_number(limit->value) ||
           compile_fail(compiler, value->line, "'%s' must be a number", value->key);
}

static bool compile_pattern(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                            struct node *value)
{
    const char *problem;
    size_t offset;

    (void)keyword;
    schema->pattern_text = node_text(value);
    if (!schema->pattern_text)
        return compile_fail(compiler, value->line, "pattern must be a text");
    schema->pattern = pattern_compile(compiler->arena, schema->pattern_text, &problem, &offset);
    return schema->pattern ||
           compile_fail(compiler, value->line, "the pattern is wrong at %zu: %s", offset, problem);
}

static bool compile_format(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                           struct node *value)
{
    const char *name = node_text(value);

    (void)keyword;
    schema->format = name ? format_find(name) : NULL;
    return schema->format ||
           compile_fail(compiler, value->line, "there is no format '%s'", name ? name : "(not a text)");
}

#define TYPE_NUMBERS (TYPE_INTEGER | TYPE_NUMBER)

/* In the order of compilation: `type` before what depends on it, `required` after the properties, limits
 * before what asks for them. oneOf and its discriminator come last, in schema_one_of.c. */
static const struct keyword keywords[] = {
    {"type", 0, compile_type, 0},
    {"enum", 0, compile_enum, 0},
    {"const", 0, compile_const, 0},
    {"default", 0, compile_default, 0},
    {"properties", TYPE_OBJECT, compile_properties, 0},
    {"additionalProperties", TYPE_OBJECT, compile_additional, 0},
    {"required", TYPE_OBJECT, compile_required, 0},
    {"items", TYPE_ARRAY, compile_items, 0},
    {"minItems", TYPE_ARRAY, compile_size, offsetof(struct schema, min_items)},
    {"maxItems", TYPE_ARRAY, compile_size, offsetof(struct schema, max_items)},
    {"uniqueItems", TYPE_ARRAY, compile_unique, 0},
    {"minLength", TYPE_STRING, compile_size, offsetof(struct schema, min_length)},
    {"maxLength", TYPE_STRING, compile_size, offsetof(struct schema, max_length)},
    {"pattern", TYPE_STRING, compile_pattern, 0},
    {"format", TYPE_STRING, compile_format, 0},
    {"minimum", TYPE_NUMBERS, compile_limit, offsetof(struct schema, minimum)},
    {"maximum", TYPE_NUMBERS, compile_limit, offsetof(struct schema, maximum)},
    {"oneOf", 0, NULL, 0},
    {"discriminator", 0, NULL, 0},
    {"title", 0, NULL, 0},
    {"description", 0, NULL, 0},
    {"example", 0, NULL, 0},
    {"examples", 0, NULL, 0},
    {"readOnly", 0, NULL, 0},
    {"writeOnly", 0, NULL, 0},
    {"deprecated", 0, NULL, 0},
};

static const struct keyword *find_keyword(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        if (strcmp(keywords[i].name, name) == 0)
            return &keywords[i];
    return NULL;
}

static bool apply_keyword(struct compiler *compiler, struct schema *schema, const struct keyword *keyword,
                          struct node *value)
{
    if (keyword->types && !(keyword->types & schema->types))
        return compile_fail(compiler, value->key_line, "'%s' means nothing for this type", keyword->name);
    return !keyword->compile || keyword->compile(compiler, schema, keyword, value);
}

bool schema_apply_keywords(struct compiler *compiler, struct schema *schema, const struct node *node)
{
    for (const struct node *child = node->first; child; child = child->next)
        if (!find_keyword(child->key) && strncmp(child->key, "x-", 2) != 0)
            return compile_fail(compiler, child->key_line, "schemas know no keyword '%s'", child->key);

    for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
        struct node *value = node_get(node, keywords[i].name);
        if (value && !apply_keyword(compiler, schema, &keywords[i], value))
            return false;
    }
    return true;
}

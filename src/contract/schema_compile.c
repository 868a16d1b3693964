/* Schemas from their nodes: references, and the rules that hold for whole schemas. The keywords one by one
 * are in schema_keywords.c, checking a value is in schema_check.c. */
#include "compile.h"

#include <stdint.h>

enum bounded { BOUNDED_BODY = 1 << 0, BOUNDED_MERGE_PATCH = 1 << 1 };

static struct schema *new_schema(struct compiler *compiler, struct node *node)
{
    struct schema *schema = arena_alloc(compiler->arena, sizeof *schema);

    schema->line = node->line;
    schema->max_items = schema->max_length = SIZE_MAX;
    schema->next = compiler->schemas;
    compiler->schemas = schema;
    node->schema = schema;
    return schema;
}

/* A default beside the $ref belongs to this place only, so it needs a schema of its own that points on. */
static struct schema *compile_reference(struct compiler *compiler, struct node *node)
{
    static const char *const known[] = {"$ref",     "default",    "title",    "description", "example",
                                        "examples", "deprecated", "readOnly", "writeOnly",   NULL};

    if (!compile_known_keys(compiler, node, known, "a $ref"))
        return NULL;
    struct node *target_node = compile_resolve(compiler, node, "schemas");
    struct schema *target = target_node ? schema_compile(compiler, target_node) : NULL;
    const struct node *fallback = node_get(node, "default");
    if (!target || !fallback) {
        node->schema = target;
        return target;
    }
    struct schema *schema = new_schema(compiler, node);
    schema->target = target;
    schema->fallback = compile_keep(compiler, node_json(fallback));
    schema->fallback_line = fallback->line;
    return schema;
}

static bool check_ranges(struct compiler *compiler, const struct schema *schema)
{
    const json_t *minimum = schema->minimum.value, *maximum = schema->maximum.value;

    if (schema->min_items > schema->max_items || schema->min_length > schema->max_length ||
        (minimum && maximum && schema_compare_numbers(minimum, maximum) > 0))
        return compile_fail(compiler, schema->line, "the least allowed here is more than the most");
    return true;
}

struct schema *schema_compile(struct compiler *compiler, struct node *node)
{
    if (node->schema)
        return node->schema;
    if (node->kind != NODE_MAP) {
        compile_fail(compiler, node->line, "a schema must be a map");
        return NULL;
    }
    if (node_get(node, "$ref"))
        return compile_reference(compiler, node);

    struct schema *schema = new_schema(compiler, node);
    if (!schema_apply_keywords(compiler, schema, node) || !schema_compile_one_of(compiler, schema, node) ||
        !check_ranges(compiler, schema))
        return NULL;
    return schema;
}

bool schema_check_defaults(struct compiler *compiler)
{
    for (const struct schema *schema = compiler->schemas; schema; schema = schema->next) {
        struct faults faults;

        if (!schema->fallback)
            continue;
        faults_init(&faults, compiler->arena, 1);
        schema_validate(schema, schema->fallback, SCHEMA_REPLY, FAULT_IN_BODY, "", &faults);
        if (faults.count > 0)
            return compile_fail(compiler, schema->fallback_line,
                                "the default does not fit its schema: %s at '%s'",
                                fault_code_name(faults.items[0].code), faults.items[0].pointer);
    }
    return true;
}

/* What is unbounded about this schema alone; NULL when nothing is. */
static const char *unbounded_part(const struct schema *schema)
{
    if (schema->target || schema->variants || schema->allowed)
        return NULL;
    if (schema->types == 0)
        return "what a request carries needs a type";
    if ((schema->types & TYPE_STRING) && !schema->format && schema->max_length == SIZE_MAX)
        return "a text in a request needs maxLength";
    if ((schema->types & TYPE_ARRAY) && schema->max_items == SIZE_MAX)
        return "a list in a request needs maxItems";
    if ((schema->types & TYPE_ARRAY) && !schema->items)
        return "a list in a request needs items";
    if (schema->is_open && !schema->additional)
        return "further members of a request need a schema";
    return NULL;
}

static bool require_bounds(struct compiler *compiler, struct schema *schema, enum bounded mode)
{
    if (!schema || (schema->bounded & mode))
        return true;
    schema->bounded |= mode;

    const char *part = unbounded_part(schema);
    if (part)
        return compile_fail(compiler, schema->line, "%s", part);
    if (mode == BOUNDED_MERGE_PATCH && schema->fallback)
        return compile_fail(compiler, schema->fallback_line, "a merge patch fills in no defaults");

    for (size_t i = 0; i < schema->property_count; i++)
        if (!require_bounds(compiler, schema->properties[i].schema, mode))
            return false;
    for (size_t i = 0; i < schema->variant_count; i++)
        if (!require_bounds(compiler, schema->variants[i].schema, mode))
            return false;
    return require_bounds(compiler, schema->target, mode) &&
           require_bounds(compiler, schema->additional, mode) &&
           require_bounds(compiler, schema->items, mode);
}

bool schema_require_bounds(struct compiler *compiler, struct schema *body, bool is_merge_patch)
{
    return require_bounds(compiler, body, is_merge_patch ? BOUNDED_MERGE_PATCH : BOUNDED_BODY);
}

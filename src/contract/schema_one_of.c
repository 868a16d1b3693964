/* oneOf, in the two forms whose faults can be told plainly: a discriminator chooses the variant, or the
 * choice is between null and one other schema. Trying all variants would leave nothing to say to a client but
 * "none". Variants are not nested, so a check always comes to an end. */
#include "compile.h"

static const char *const beside_one_of[] = {"oneOf",    "discriminator", "type",       "default",
                                            "title",    "description",   "example",    "examples",
                                            "readOnly", "writeOnly",     "deprecated", NULL};

static bool is_null_schema(const struct node *node)
{
    const char *type = node_text(node_get(node, "type"));

    return type && strcmp(type, "null") == 0;
}

static bool compile_null_or(struct compiler *compiler, struct schema *schema, const struct node *list)
{
    if (list->count != 2 || is_null_schema(list->first) == is_null_schema(list->first->next))
        return compile_fail(compiler, list->key_line,
                            "oneOf needs a discriminator, or {type: 'null'} and one other schema");

    struct node *other = is_null_schema(list->first) ? list->first->next : list->first;
    const struct node *resolved = compile_resolve(compiler, other, "schemas");
    if (!resolved)
        return false;
    if (node_get(resolved, "oneOf") && !node_get(resolved, "discriminator"))
        return compile_fail(compiler, other->line, "null or (null or ...) is one too many");
    schema->or_null = true;
    schema->target = schema_compile(compiler, other);
    return schema->target;
}

/* The entry of oneOf that `reference` names, in full or by its last part. */
static struct node *find_listed(const struct node *list, const char *reference)
{
    for (struct node *entry = list->first; entry; entry = entry->next) {
        const char *text = node_text(node_get(entry, "$ref"));
        const char *slash = text ? strrchr(text, '/') : NULL;
        if (slash && (strcmp(text, reference) == 0 || strcmp(slash + 1, reference) == 0))
            return entry;
    }
    return NULL;
}

static bool add_variant(struct compiler *compiler, struct schema *schema, const char *value,
                        struct node *entry)
{
    const struct node *resolved = compile_resolve(compiler, entry, "schemas");

    if (!resolved)
        return false;
    if (node_get(resolved, "oneOf"))
        return compile_fail(compiler, entry->line, "a variant may not be a oneOf itself");
    if (!node_get(node_get(resolved, "properties"), schema->discriminator))
        return compile_fail(compiler, entry->line, "the variant '%s' has no property '%s'", value,
                            schema->discriminator);
    struct schema *compiled = schema_compile(compiler, entry);
    if (!compiled)
        return false;
    schema->variants[schema->variant_count++] = (struct variant){value, compiled};
    schema->variant_text = compile_join(compiler, schema->variant_text, ", ", value);
    return true;
}

static bool is_mapped(const struct node *list, const struct node *mapping, const struct node *entry)
{
    for (const struct node *pair = mapping->first; pair; pair = pair->next)
        if (find_listed(list, node_text(pair)) == entry)
            return true;
    return false;
}

static bool add_mapped(struct compiler *compiler, struct schema *schema, const struct node *list,
                       const struct node *mapping)
{
    if (mapping->kind != NODE_MAP)
        return compile_fail(compiler, mapping->line, "mapping must be a map");
    schema->variants = arena_alloc_array(compiler->arena, mapping->count, sizeof *schema->variants);
    for (const struct node *pair = mapping->first; pair; pair = pair->next) {
        const char *reference = node_text(pair);
        struct node *entry = reference ? find_listed(list, reference) : NULL;
        if (!entry)
            return compile_fail(compiler, pair->line, "the mapping of '%s' is not among the variants",
                                pair->key);
        if (!add_variant(compiler, schema, pair->key, entry))
            return false;
    }
    for (const struct node *entry = list->first; entry; entry = entry->next)
        if (!is_mapped(list, mapping, entry))
            return compile_fail(compiler, entry->line, "the mapping leaves this variant out");
    return true;
}

/* Without a mapping, a variant's value is the name of its schema. */
static bool add_named(struct compiler *compiler, struct schema *schema, const struct node *list)
{
    schema->variants = arena_alloc_array(compiler->arena, list->count, sizeof *schema->variants);
    for (struct node *entry = list->first; entry; entry = entry->next) {
        const char *text = node_text(node_get(entry, "$ref"));
        const char *slash = text ? strrchr(text, '/') : NULL;
        if (!slash)
            return compile_fail(compiler, entry->line, "a variant of oneOf must be a $ref");
        if (!add_variant(compiler, schema, slash + 1, entry))
            return false;
    }
    return true;
}

static bool compile_discriminated(struct compiler *compiler, struct schema *schema, const struct node *list,
                                  const struct node *discriminator)
{
    static const char *const known[] = {"propertyName", "mapping", NULL};
    const struct node *mapping = node_get(discriminator, "mapping");

    if (!compile_known_keys(compiler, discriminator, known, "a discriminator"))
        return false;
    schema->discriminator = compile_text(compiler, discriminator, "propertyName");
    if (!schema->discriminator)
        return false;
    return mapping ? add_mapped(compiler, schema, list, mapping) : add_named(compiler, schema, list);
}

bool schema_compile_one_of(struct compiler *compiler, struct schema *schema, const struct node *node)
{
    const struct node *list = node_get(node, "oneOf"), *discriminator = node_get(node, "discriminator");

    if (!list)
        return !discriminator ||
               compile_fail(compiler, discriminator->key_line, "a discriminator needs oneOf beside it");
    if (!compile_known_keys(compiler, node, beside_one_of, "a schema with oneOf"))
        return false;
    if (list->kind != NODE_LIST || list->count == 0)
        return compile_fail(compiler, list->line, "oneOf must be a list of schemas");
    return discriminator ? compile_discriminated(compiler, schema, list, discriminator)
                         : compile_null_or(compiler, schema, list);
}

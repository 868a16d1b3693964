/* What the outside may know of a compiled schema without a value: its format, its default, whether null will
 * do. Looked for along the references, the nearest first. */
#include "schema_internal.h"

const char *schema_format(const struct schema *schema)
{
    for (; schema; schema = schema->target)
        if (schema->format)
            return schema->format->name;
    return NULL;
}

const json_t *schema_default(const struct schema *schema)
{
    for (; schema; schema = schema->target)
        if (schema->fallback)
            return schema->fallback;
    return NULL;
}

bool schema_accepts_null(const struct schema *schema)
{
    size_t i;
    json_t *value;

    for (; schema->target; schema = schema->target)
        if (schema->or_null)
            return schema->types == 0 || (schema->types & TYPE_NULL);
    if (schema->types & TYPE_NULL)
        return true;
    if (schema->types != 0 || schema->variants)
        return false;
    json_array_foreach (schema->allowed, i, value)
        if (json_is_null(value))
            return true;
    return !schema->allowed;
}

/* The text of a parameter as the value that its schema wants. What does not parse stays a string: saying what
 * is wrong with it is the validation's part. */
#include "number.h"
#include "schema_internal.h"

static const struct schema *last_target(const struct schema *schema)
{
    while (schema->target)
        schema = schema->target;
    return schema;
}

/* The types of the first value of an enum stand for those that the schema does not name. */
static unsigned wanted_types(const struct schema *schema)
{
    if (schema->types == 0 && schema->allowed)
        return schema_types_of(json_array_get(schema->allowed, 0));
    return schema->types;
}

static json_t *parse_boolean(struct slice text)
{
    if (slice_is(text, "true"))
        return json_true();
    return slice_is(text, "false") ? json_false() : NULL;
}

/* A number of the types wanted; NULL otherwise. */
static json_t *parse_number(struct slice text, unsigned types)
{
    json_t *number = number_parse(text);

    if (number && (types & schema_types_of(number)))
        return number;
    json_decref(number);
    return NULL;
}

static json_t *string_of(struct slice text)
{
    json_t *string = json_stringn(text.data, text.len);
    return string ? string : json_null();
}

static json_t *parse_list(const struct schema *items, struct slice text)
{
    json_t *list = json_array();

    for (;;) {
        const char *comma = memchr(text.data, ',', text.len);
        struct slice item = {text.data, comma ? (size_t)(comma - text.data) : text.len};
        json_array_append_new(list, items ? schema_parse_text(items, item) : string_of(item));
        if (!comma)
            return list;
        text = (struct slice){comma + 1, text.len - item.len - 1};
    }
}

json_t *schema_parse_text(const struct schema *schema, struct slice text)
{
    const struct schema *wanted = last_target(schema);
    unsigned types = wanted_types(wanted);
    json_t *value = NULL;

    if (types & TYPE_ARRAY)
        return parse_list(wanted->items, text);
    if (types & (TYPE_INTEGER | TYPE_NUMBER))
        value = parse_number(text, types);
    if (!value && (types & TYPE_BOOLEAN))
        value = parse_boolean(text);
    return value ? value : string_of(text);
}

/* A value against a compiled schema, every fault at once. The way to a value is a chain of steps on the
 * stack; a JSON Pointer is written from it only for a fault, because nearly all requests are right. */
#include "schema_internal.h"

#include "base/buffer.h"
#include "base/text.h"

#include <stdint.h>

#define POINTER_MAX      32768 /* deeper than any body may be */
#define POINTER_PART_MAX 256   /* bytes of a member's name that a pointer repeats to the client */

struct check {
    enum schema_mode mode;
    enum fault_place place;
    const char *pointer; /* of the whole value */
    struct faults *faults;
    bool is_changed;
};

struct step {
    const struct step *parent; /* NULL: the whole value */
    struct slice name;         /* of a member; data NULL: the item `index` */
    size_t index;
};

static void check_value(struct check *check, const struct schema *schema, json_t *value,
                        const struct step *step);

/* RFC 6901: ~0 for ~, ~1 for /. */
static void append_name(struct buffer *out, struct slice name)
{
    size_t len = name.len < POINTER_PART_MAX ? name.len : POINTER_PART_MAX;

    while (len < name.len && (name.data[len] & 0xC0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++) {
        if (name.data[i] == '~')
            buffer_str(out, "~0");
        else if (name.data[i] == '/')
            buffer_str(out, "~1");
        else
            buffer_char(out, name.data[i]);
    }
    if (len < name.len)
        buffer_str(out, "…");
}

static void append_step(struct buffer *out, const struct step *step)
{
    if (!step)
        return;
    append_step(out, step->parent);
    buffer_char(out, '/');
    if (step->name.data)
        append_name(out, step->name);
    else
        buffer_int(out, (int64_t)step->index);
}

static void report(struct check *check, enum fault_code code, const struct step *step, const char *expected)
{
    if (check->faults->count >= check->faults->max) {
        check->faults->total++;
        return;
    }
    CLEANUP(buffer_done) struct buffer pointer;
    buffer_init(&pointer, POINTER_MAX);
    buffer_str(&pointer, check->pointer);
    append_step(&pointer, step);
    faults_add(check->faults, code, check->place, pointer.data ? pointer.data : "", expected);
}

static void report_count(struct check *check, enum fault_code code, const struct step *step, size_t limit)
{
    report(check, code, step, arena_printf(check->faults->arena, "%zu", limit));
}

unsigned schema_types_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return TYPE_OBJECT;
    case JSON_ARRAY:
        return TYPE_ARRAY;
    case JSON_STRING:
        return TYPE_STRING;
    case JSON_INTEGER:
        return TYPE_INTEGER | TYPE_NUMBER;
    case JSON_REAL:
        return TYPE_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return TYPE_BOOLEAN;
    case JSON_NULL:
        return TYPE_NULL;
    }
    return 0;
}

int schema_compare_numbers(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b)) {
        json_int_t left = json_integer_value(a), right = json_integer_value(b);
        return (left > right) - (left < right);
    }
    double left = json_number_value(a), right = json_number_value(b);
    return (left > right) - (left < right);
}

static bool is_allowed(const json_t *allowed, const json_t *value)
{
    size_t i;
    json_t *one;

    json_array_foreach (allowed, i, one)
        if (json_equal(one, value))
            return true;
    return false;
}

static struct slice string_slice(const json_t *value)
{
    return (struct slice){json_string_value(value), json_string_length(value)};
}

/* Control characters are refused and NFC is made before anything is counted or compared. */
static struct slice admit_string(struct check *check, json_t *value, const struct step *step)
{
    struct slice text = string_slice(value);

    if (check->mode != SCHEMA_REQUEST)
        return text;
    if (text_has_control(text))
        report(check, FAULT_control_character, step, NULL);
    struct slice composed = text_nfc(check->faults->arena, text);
    if (slice_equal(composed, text))
        return text;
    json_string_setn_nocheck(value, composed.data, composed.len);
    check->is_changed = true;
    return composed;
}

static void check_string(struct check *check, const struct schema *schema, json_t *value,
                         const struct step *step)
{
    struct slice text = admit_string(check, value, step);

    if (schema->min_length > 0 || schema->max_length < SIZE_MAX) {
        size_t length = text_length(text);
        if (length < schema->min_length)
            report_count(check, FAULT_too_short, step, schema->min_length);
        else if (schema->min_length > 0 && check->mode == SCHEMA_REQUEST && text_is_blank(text))
            report(check, FAULT_blank, step, NULL);
        if (length > schema->max_length)
            report_count(check, FAULT_too_long, step, schema->max_length);
    }
    if (schema->pattern && !pattern_matches(schema->pattern, text))
        report(check, FAULT_wrong_pattern, step, schema->pattern_text);
    if (schema->format && !schema->format->accepts(text, check->faults->arena))
        report(check, FAULT_wrong_format, step, schema->format->name);
}

static void check_number(struct check *check, const struct schema *schema, const json_t *value,
                         const struct step *step)
{
    const struct limit *minimum = &schema->minimum, *maximum = &schema->maximum;

    if (minimum->value && schema_compare_numbers(value, minimum->value) < 0)
        report(check, FAULT_too_small, step, minimum->text);
    if (maximum->value && schema_compare_numbers(value, maximum->value) > 0)
        report(check, FAULT_too_large, step, maximum->text);
}

static bool has_twins(const json_t *array)
{
    size_t count = json_array_size(array);

    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (json_equal(json_array_get(array, i), json_array_get(array, j)))
                return true;
    return false;
}

static void check_array(struct check *check, const struct schema *schema, json_t *value,
                        const struct step *step)
{
    size_t count = json_array_size(value), i;
    json_t *item;

    if (count < schema->min_items)
        report_count(check, FAULT_too_few_items, step, schema->min_items);
    if (count > schema->max_items)
        report_count(check, FAULT_too_many_items, step, schema->max_items);
    if (schema->items) {
        json_array_foreach (value, i, item)
            check_value(check, schema->items, item, &(struct step){.parent = step, .index = i});
    }
    if (schema->is_unique && count <= schema->max_items && has_twins(value))
        report(check, FAULT_not_unique, step, NULL);
}

/* True if the member is there now: as sent, or as its default. */
static bool check_property(struct check *check, const struct property *property, json_t *object,
                           const struct step *step)
{
    json_t *value = json_object_getn(object, property->name, property->name_len);
    const struct step here = {.parent = step, .name = {property->name, property->name_len}};

    if (value) {
        if (property->schema)
            check_value(check, property->schema, value, &here);
        return true;
    }
    const json_t *fallback = check->mode == SCHEMA_REQUEST ? schema_default(property->schema) : NULL;
    if (fallback) {
        json_object_setn_new_nocheck(object, property->name, property->name_len, json_deep_copy(fallback));
        check->is_changed = true;
        return true;
    }
    if (property->is_required)
        report(check, FAULT_required, &here, NULL);
    return false;
}

static bool has_property(const struct schema *schema, struct slice name)
{
    for (size_t i = 0; i < schema->property_count; i++) {
        const struct property *property = &schema->properties[i];
        if (slice_equal((struct slice){property->name, property->name_len}, name))
            return true;
    }
    return false;
}

/* The members that are no properties. */
static void check_others(struct check *check, const struct schema *schema, json_t *object,
                         const struct step *step)
{
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        struct slice name = {json_object_iter_key(at), json_object_iter_key_len(at)};
        const struct step here = {.parent = step, .name = name};

        if (has_property(schema, name))
            continue;
        if (!schema->is_open) {
            report(check, FAULT_unknown_member, &here, NULL);
            continue;
        }
        if (check->mode == SCHEMA_REQUEST && text_has_control(name))
            report(check, FAULT_control_character, &here, NULL);
        if (schema->additional)
            check_value(check, schema->additional, json_object_iter_value(at), &here);
    }
}

static void check_object(struct check *check, const struct schema *schema, json_t *value,
                         const struct step *step)
{
    size_t known = 0;

    for (size_t i = 0; i < schema->property_count; i++)
        known += check_property(check, &schema->properties[i], value, step);
    if (known < json_object_size(value))
        check_others(check, schema, value, step);
}

/* The discriminator's property chooses the one schema that is checked. */
static void check_variants(struct check *check, const struct schema *schema, json_t *value,
                           const struct step *step)
{
    const struct step here = {.parent = step, .name = slice_of(schema->discriminator)};

    if (!json_is_object(value)) {
        report(check, FAULT_wrong_type, step, "object");
        return;
    }
    const json_t *choice = json_object_get(value, schema->discriminator);
    if (!choice) {
        report(check, FAULT_required, &here, NULL);
        return;
    }
    for (size_t i = 0; i < schema->variant_count; i++) {
        if (json_is_string(choice) && slice_is(string_slice(choice), schema->variants[i].value)) {
            check_value(check, schema->variants[i].schema, value, step);
            return;
        }
    }
    report(check, FAULT_no_variant, &here, schema->variant_text);
}

static void check_by_type(struct check *check, const struct schema *schema, json_t *value,
                          const struct step *step)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        check_string(check, schema, value, step);
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        check_number(check, schema, value, step);
        break;
    case JSON_ARRAY:
        check_array(check, schema, value, step);
        break;
    case JSON_OBJECT:
        if (schema->types)
            check_object(check, schema, value, step);
        break;
    default:
        break;
    }
}

static void check_value(struct check *check, const struct schema *schema, json_t *value,
                        const struct step *step)
{
    if (schema->types && !(schema->types & schema_types_of(value))) {
        report(check, FAULT_wrong_type, step, schema->type_text);
        return;
    }
    if (schema->target) {
        if (!schema->or_null || !json_is_null(value))
            check_value(check, schema->target, value, step);
        return;
    }
    if (schema->variants) {
        if (!(schema->types & TYPE_NULL) || !json_is_null(value))
            check_variants(check, schema, value, step);
        return;
    }
    if (schema->allowed) {
        if (!is_allowed(schema->allowed, value))
            report(check, FAULT_not_allowed, step, schema->allowed_text);
        return;
    }
    check_by_type(check, schema, value, step);
}

bool schema_validate(const struct schema *schema, json_t *value, enum schema_mode mode,
                     enum fault_place place, const char *pointer, struct faults *faults)
{
    struct check check = {.mode = mode, .place = place, .pointer = pointer, .faults = faults};

    check_value(&check, schema, value, NULL);
    return check.is_changed;
}

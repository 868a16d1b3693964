/* What a YAML scalar means (the core schema of YAML 1.2, cautiously), and nodes as JSON. */
#include "node.h"
#include "number.h"

static const char *const null_words[] = {"", "~", "null", "Null", "NULL"};
static const char *const true_words[] = {"true", "True", "TRUE"};
static const char *const false_words[] = {"false", "False", "FALSE"};

static bool is_one_of(struct slice text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(text, words[i]))
            return true;
    return false;
}

static json_t *scalar_json(const struct node *node)
{
    if (node->is_plain) {
        if (node_is_null(node))
            return json_null();
        if (is_one_of(node->text, true_words, ARRAY_LEN(true_words)))
            return json_true();
        if (is_one_of(node->text, false_words, ARRAY_LEN(false_words)))
            return json_false();
        json_t *number = number_parse(node->text);
        if (number)
            return number;
    }
    return json_stringn(node->text.data, node->text.len);
}

bool node_is_null(const struct node *node)
{
    return node->kind == NODE_SCALAR && node->is_plain &&
           is_one_of(node->text, null_words, ARRAY_LEN(null_words));
}

const char *node_text(const struct node *node)
{
    if (!node || node->kind != NODE_SCALAR)
        return NULL;
    json_t *value = scalar_json(node);
    bool is_text = json_is_string(value);
    json_decref(value);
    return is_text ? node->text.data : NULL;
}

json_t *node_json(const struct node *node)
{
    if (node->kind == NODE_SCALAR)
        return scalar_json(node);

    bool is_map = node->kind == NODE_MAP;
    json_t *json = is_map ? json_object() : json_array();
    for (struct node *child = node->first; child; child = child->next) {
        json_t *value = node_json(child);
        if (is_map)
            json_object_set_new_nocheck(json, child->key, value);
        else
            json_array_append_new(json, value);
    }
    return json;
}

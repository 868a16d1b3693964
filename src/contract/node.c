/* Reads YAML into nodes from libyaml's events. Not its document API: that one has already forgotten the
 * anchors, which we refuse. What a scalar means is in node_json.c. */
#include "node.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    struct contract_error *error;
};

void contract_error_set(struct contract_error *error, unsigned line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int wanted = vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    error->line = line;
    if (wanted < (int)sizeof error->text)
        return;

    size_t len = sizeof error->text - 1;
    while (len > 0 && !text_is_utf8((struct slice){error->text, len}))
        len--;
    error->text[len] = '\0';
}

static unsigned line_of(const yaml_event_t *event)
{
    return (unsigned)event->start_mark.line + 1;
}

static bool next_event(struct reader *reader, yaml_event_t *ret)
{
    if (yaml_parser_parse(&reader->parser, ret))
        return true;

    const yaml_parser_t *parser = &reader->parser;
    contract_error_set(reader->error, (unsigned)parser->problem_mark.line + 1, "this is not YAML: %s",
                       parser->problem ? parser->problem : "unreadable");
    return false;
}

static const yaml_char_t *anchor_or_tag(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor ? event->data.scalar.anchor : event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor ? event->data.sequence_start.anchor
                                                 : event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor ? event->data.mapping_start.anchor
                                                : event->data.mapping_start.tag;
    default:
        return NULL;
    }
}

static bool is_admitted(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
    if (event->type == YAML_ALIAS_EVENT || anchor_or_tag(event)) {
        contract_error_set(reader->error, line_of(event), "anchors, aliases and tags are not read here");
        return false;
    }
    if (depth >= NODE_DEPTH_MAX) {
        contract_error_set(reader->error, line_of(event), "nested deeper than %d levels", NODE_DEPTH_MAX);
        return false;
    }
    return true;
}

static struct node *new_node(struct reader *reader, const yaml_event_t *event, enum node_kind kind)
{
    struct node *node = arena_alloc(reader->arena, sizeof *node);

    node->kind = kind;
    node->line = node->key_line = line_of(event);
    return node;
}

static struct node *read_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;

    if (memchr(value, '\0', len)) {
        contract_error_set(reader->error, line_of(event), "a text holds a NUL");
        return NULL;
    }
    struct node *node = new_node(reader, event, NODE_SCALAR);
    node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = (struct slice){arena_copy(reader->arena, value, len), len};
    return node;
}

static struct node *read_value(struct reader *reader, const yaml_event_t *event, unsigned depth);

static struct node *read_list(struct reader *reader, const yaml_event_t *start, unsigned depth)
{
    struct node *list = new_node(reader, start, NODE_LIST);
    struct node **end = &list->first;

    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        if (!next_event(reader, &event))
            return NULL;
        if (event.type == YAML_SEQUENCE_END_EVENT)
            return list;
        *end = read_value(reader, &event, depth + 1);
        if (!*end)
            return NULL;
        end = &(*end)->next;
        list->count++;
    }
}

static int compare_keys(const void *a, const void *b)
{
    const struct node *const *left = a, *const *right = b;

    return strcmp((*left)->key, (*right)->key);
}

static bool index_keys(struct reader *reader, struct node *map)
{
    size_t i = 0;

    if (map->count == 0)
        return true;
    map->by_key = arena_alloc_array(reader->arena, map->count, sizeof *map->by_key);
    for (struct node *child = map->first; child; child = child->next)
        map->by_key[i++] = child;
    qsort(map->by_key, map->count, sizeof *map->by_key, compare_keys);

    for (i = 1; i < map->count; i++) {
        const struct node *a = map->by_key[i - 1], *b = map->by_key[i];
        if (strcmp(a->key, b->key) == 0) {
            unsigned line = a->key_line > b->key_line ? a->key_line : b->key_line;
            contract_error_set(reader->error, line, "the key '%s' stands here twice", a->key);
            return false;
        }
    }
    return true;
}

/* The value of the key that `event` begins. */
static struct node *read_member(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
    if (!is_admitted(reader, event, depth))
        return NULL;
    if (event->type != YAML_SCALAR_EVENT) {
        contract_error_set(reader->error, line_of(event), "a key must be a single word or text");
        return NULL;
    }
    const struct node *key = read_scalar(reader, event);
    if (!key)
        return NULL;

    CLEANUP(yaml_event_delete) yaml_event_t value = {0};
    if (!next_event(reader, &value))
        return NULL;
    struct node *member = read_value(reader, &value, depth);
    if (!member)
        return NULL;
    member->key = key->text.data;
    member->key_line = key->line;
    return member;
}

static struct node *read_map(struct reader *reader, const yaml_event_t *start, unsigned depth)
{
    struct node *map = new_node(reader, start, NODE_MAP);
    struct node **end = &map->first;

    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = {0};
        if (!next_event(reader, &event))
            return NULL;
        if (event.type == YAML_MAPPING_END_EVENT)
            return index_keys(reader, map) ? map : NULL;
        *end = read_member(reader, &event, depth + 1);
        if (!*end)
            return NULL;
        end = &(*end)->next;
        map->count++;
    }
}

static struct node *read_value(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
    if (!is_admitted(reader, event, depth))
        return NULL;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return read_list(reader, event, depth);
    if (event->type == YAML_MAPPING_START_EVENT)
        return read_map(reader, event, depth);
    return read_scalar(reader, event);
}

/* The next event must be of `type`: the frame around the one document. */
static bool expect(struct reader *reader, yaml_event_type_t type, const char *otherwise)
{
    CLEANUP(yaml_event_delete) yaml_event_t event = {0};

    if (!next_event(reader, &event))
        return false;
    if (event.type == type)
        return true;
    contract_error_set(reader->error, line_of(&event), "%s", otherwise);
    return false;
}

static struct node *read_document(struct reader *reader)
{
    CLEANUP(yaml_event_delete) yaml_event_t event = {0};

    if (!expect(reader, YAML_STREAM_START_EVENT, "no YAML") ||
        !expect(reader, YAML_DOCUMENT_START_EVENT, "the file is empty"))
        return NULL;
    if (!next_event(reader, &event))
        return NULL;
    struct node *root = read_value(reader, &event, 0);
    if (!root || !expect(reader, YAML_DOCUMENT_END_EVENT, "more than one value"))
        return NULL;
    return expect(reader, YAML_STREAM_END_EVENT, "a second document begins here") ? root : NULL;
}

struct node *node_read(struct arena *arena, struct slice yaml, struct contract_error *ret_error)
{
    struct reader reader = {.arena = arena, .error = ret_error};

    if (yaml.len > NODE_BYTES_MAX) {
        contract_error_set(ret_error, 0, "the file is larger than %u bytes", NODE_BYTES_MAX);
        return NULL;
    }
    if (!yaml_parser_initialize(&reader.parser))
        abort();
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)yaml.data, yaml.len);
    struct node *root = read_document(&reader);
    yaml_parser_delete(&reader.parser);
    return root;
}

struct node *node_get(const struct node *node, const char *key)
{
    const struct node wanted = {.key = key}, *at = &wanted;

    if (!node || node->kind != NODE_MAP || node->count == 0)
        return NULL;
    struct node **found = bsearch(&at, node->by_key, node->count, sizeof *node->by_key, compare_keys);
    return found ? *found : NULL;
}

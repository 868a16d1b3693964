/* JSON at the door. Three looks at the same bytes, each cheaper than what it protects: is it UTF-8, is it
 * small as a tree, and only then jansson.
 *
 * Not for writing JSON (buffer.h, jansson) and not for checking it against a schema (contract/). */
#include "base/json.h"

#include "utf8.h"

#include <stdlib.h>

struct scan {
    const char *at, *end;
    size_t depth, nodes;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_scalar(char c)
{
    return is_blank(c) || strchr(",:{}[]\"", c) != NULL; /* NUL too, by strchr */
}

static void skip_string(struct scan *scan)
{
    scan->at++;
    while (scan->at < scan->end && *scan->at != '"')
        scan->at += *scan->at == '\\' && scan->at + 1 < scan->end ? 2 : 1;
    if (scan->at < scan->end)
        scan->at++;
}

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->end && is_blank(*scan->at))
        scan->at++;
}

static void skip_scalar(struct scan *scan)
{
    do
        scan->at++;
    while (scan->at < scan->end && !ends_scalar(*scan->at));
}

/* Passes one token and counts it if it starts a value; a member's name is not one. Whether tokens stand
 * where they may is jansson's business: up to the first syntax error the counts are exact. */
static void scan_token(struct scan *scan)
{
    switch (*scan->at) {
    case '{':
    case '[':
        scan->depth++;
        scan->nodes++;
        scan->at++;
        return;
    case '}':
    case ']':
        scan->depth -= scan->depth > 0;
        scan->at++;
        return;
    case ',':
    case ':':
    case '\0':
        scan->at++;
        return;
    case '"':
        skip_string(scan);
        skip_blanks(scan);
        scan->nodes += scan->at == scan->end || *scan->at != ':';
        return;
    default:
        skip_scalar(scan);
        scan->nodes++;
    }
}

static enum json_verdict scan_size(struct slice text, struct json_limits limits, size_t *ret_offset)
{
    struct scan scan = {.at = text.data, .end = text.data + text.len};
    for (skip_blanks(&scan); scan.at < scan.end; skip_blanks(&scan)) {
        const char *token = scan.at;
        scan_token(&scan);
        if (scan.depth <= limits.depth && scan.nodes <= limits.nodes)
            continue;
        *ret_offset = (size_t)(token - text.data);
        return scan.depth > limits.depth ? JSON_TOO_DEEP : JSON_TOO_MANY_NODES;
    }
    return JSON_FINE;
}

static enum json_verdict parse(struct slice text, json_t **ret, size_t *ret_offset)
{
    json_error_t error;
    json_t *value = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
    if (value) {
        *ret = value;
        return JSON_FINE;
    }
    *ret_offset = error.position > 0 ? (size_t)error.position : 0;
    switch (json_error_code(&error)) {
    case json_error_out_of_memory:
        abort();
    case json_error_duplicate_key:
        return JSON_DUPLICATE_MEMBER;
    case json_error_stack_overflow:
        return JSON_TOO_DEEP;
    case json_error_invalid_utf8:
        return JSON_NOT_UTF8;
    default:
        return JSON_MALFORMED;
    }
}

enum json_verdict json_read(struct slice text, struct json_limits limits, json_t **ret, size_t *ret_offset)
{
    if (text.len == 0)
        text = SLICE("");
    size_t offset = utf8_valid_prefix(text);
    enum json_verdict verdict = offset < text.len ? JSON_NOT_UTF8 : scan_size(text, limits, &offset);
    if (verdict == JSON_FINE)
        verdict = parse(text, ret, &offset);
    if (verdict != JSON_FINE && ret_offset)
        *ret_offset = offset;
    return verdict;
}

static void release_value(void *value)
{
    json_decref(value);
}

json_t *json_keep(struct arena *arena, json_t *value)
{
    if (value)
        arena_defer(arena, release_value, value);
    return value;
}

static void release_text(void *text)
{
    free(text);
}

struct slice json_text(struct arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (!text)
        abort();
    arena_defer(arena, release_text, text);
    return slice_of(text);
}

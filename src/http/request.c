/* What a handler sees of its request: the accessors of http/request.h. Everything was validated before
 * (gate.c), so nothing here can fail but for a handler that asks for what the contract does not declare. */
#include "http/request.h"

#include "base/text.h"
#include "engine.h"
#include "parameters.h"

#include <stdlib.h>

#define LIMIT_DEFAULT       20
#define VERSION_DIGITS_MOST 10

/* The value of a declared parameter, NULL if absent. */
static const json_t *parameter(const struct request *req, const char *name)
{
    static const enum parameter_in ways[] = {IN_PATH, IN_QUERY, IN_HEADER};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        int index = parameters_find(req->operation, ways[i], slice_of(name));
        if (index >= 0)
            return req->exchange->parameters[index];
    }
#ifdef MOSHAREKAT_CHECK_REPLIES
    abort(); /* the contract of this operation declares no such parameter */
#endif
    return NULL;
}

static struct slice string_slice(const json_t *value)
{
    if (!json_is_string(value))
        return (struct slice){0};
    return (struct slice){json_string_value(value), json_string_length(value)};
}

struct slice request_text(const struct request *req, const char *name)
{
    return string_slice(parameter(req, name));
}

struct uuid request_uuid(const struct request *req, const char *name)
{
    struct uuid id = {0};
    struct slice text = request_text(req, name);
    return text.data && uuid_parse_text(text, &id) ? id : (struct uuid){0};
}

int64_t request_int(const struct request *req, const char *name, int64_t fallback)
{
    const json_t *value = parameter(req, name);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool request_bool(const struct request *req, const char *name)
{
    return json_is_true(parameter(req, name));
}

/* --- as statement parameters ------------------------------------------------------------------- */

static struct param as_uuid_text(struct slice text)
{
    struct uuid id;
    return uuid_parse_text(text, &id) ? as_uuid(id) : as_null();
}

static struct param as_instant_text(struct slice text)
{
    int64_t us;
    return clock_parse(text, &us) ? as_instant(us) : as_null();
}

static struct param as_date_text(struct slice text)
{
    struct date date;
    return date_parse(text, &date) ? as_date(date) : as_null();
}

static const struct {
    const char *format;
    struct param (*as)(struct slice text);
} formats[] = {{"uuid", as_uuid_text}, {"date-time", as_instant_text}, {"date", as_date_text}};

static struct param as_formatted(const char *format, struct slice text)
{
    for (size_t i = 0; format && i < ARRAY_LEN(formats); i++)
        if (strcmp(format, formats[i].format) == 0)
            return formats[i].as(text);
    return as_slice(text);
}

static struct param as_text_list(const struct request *req, const json_t *list)
{
    size_t count = json_array_size(list), i;
    /* The arena is the request's own; that handlers see it const is about its contents. */
    struct slice *items = arena_alloc_array(&req->exchange->request.arena, count, sizeof *items);
    json_t *item;
    json_array_foreach ((json_t *)list, i, item) {
        items[i] = string_slice(item);
    }
    return as_texts(items, count);
}

static const struct schema *schema_of(const struct request *req, const json_t *value)
{
    for (size_t i = 0; i < req->operation->parameter_count; i++)
        if (req->exchange->parameters[i] == value)
            return req->operation->parameters[i].schema;
    return NULL;
}

struct param request_param(const struct request *req, const char *name)
{
    const json_t *value = parameter(req, name);
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_INTEGER:
        return as_int(json_integer_value(value));
    case JSON_TRUE:
    case JSON_FALSE:
        return as_bool(json_is_true(value));
    case JSON_STRING:
        return as_formatted(schema_format(schema_of(req, value)), string_slice(value));
    case JSON_ARRAY:
        return as_text_list(req, value);
    default:
        return as_null();
    }
}

struct slice request_member(const struct request *req, const char *name)
{
    return string_slice(json_object_get(req->body, name));
}

/* --- who --------------------------------------------------------------------------------------- */

bool request_may(const struct request *req, enum permission permission)
{
    return req->permissions & PERMISSION_BIT(permission);
}

struct param as_actor(const struct request *req)
{
    return req->who ? as_uuid(req->who->key_id) : as_null();
}

/* Empty where the operation declares no such header, or it is absent. */
static struct slice header_if_any(const struct request *req, const char *name)
{
    int index = parameters_find(req->operation, IN_HEADER, slice_of(name));
    const json_t *value = index < 0 ? NULL : req->exchange->parameters[index];
    return value ? string_slice(value) : (struct slice){"", 0};
}

/* Of the public, who calls is told by what a person shows who may do a thing once, and by nothing else: the
 * same person may come back over another network. */
struct uuid request_new_id(struct request *req)
{
    struct slice key = header_if_any(req, "Idempotency-Key");
    if (key.len == 0)
        return uuid_new(req->received_us);

    char caller[UUID_TEXT_LEN + 1] = "public";
    if (req->who)
        uuid_format(req->who->key_id, caller);
    struct slice parts[] = {slice_of(caller),
                            slice_of(req->operation->id),
                            req->exchange->head.path,
                            key,
                            header_if_any(req, "Device-Token"),
                            header_if_any(req, "Survey-Token"),
                            req->identity.data ? req->identity : (struct slice){"", 0}};
    uint8_t digest[DIGEST_LEN];
    crypto_hmac(&req->exchange->engine->shared->idempotency_key, parts, ARRAY_LEN(parts), digest);
    return uuid_from_digest(digest);
}

struct param as_request_digest(struct request *req)
{
    struct exchange *exchange = req->exchange;
    if (!exchange->has_digest) {
        CLEANUP(buffer_done) struct buffer text;
        buffer_init(&text, SIZE_MAX);
        buffer_printf(&text, "%s\n", http_method_names[req->operation->method]);
        buffer_slice(&text, exchange->head.path);
        buffer_char(&text, '\n');
        buffer_slice(&text, req->body_text);
        crypto_sha256(buffer_view(&text), exchange->digest);
        exchange->has_digest = true;
    }
    return as_bytes(exchange->digest, sizeof exchange->digest);
}

/* --- conditions and paging --------------------------------------------------------------------- */

/* The row version in an entity tag, as the database writes it: of "3" and "3-open" 3. NULL slice when it is no tag
 * of ours. */
static struct slice tag_version(struct slice inside)
{
    size_t digits = 0;
    while (digits < inside.len && inside.data[digits] >= '0' && inside.data[digits] <= '9')
        digits++;
    bool is_ours = digits > 0 && digits <= VERSION_DIGITS_MOST && (inside.data[0] != '0' || digits == 1) &&
                   (digits == inside.len || inside.data[digits] == '-');
    return is_ours ? (struct slice){inside.data, digits} : (struct slice){0};
}

/* Takes the next tag of a list (RFC 9110, 13.1.1) off `list`: what stands between its quotes, or a NULL slice for a
 * weak one, which matches nothing. False behind the last, and where the rest is no list. */
static bool tag_next(struct slice *list, struct slice *ret)
{
    const char *at = list->data, *end = list->data + list->len;
    while (at < end && (*at == ' ' || *at == '\t' || *at == ','))
        at++;
    bool is_weak = end - at > 2 && memcmp(at, "W/", 2) == 0;
    at += is_weak ? 2 : 0;
    const char *close = at < end && *at == '"' ? memchr(at + 1, '"', (size_t)(end - at) - 1) : NULL;
    if (!close)
        return false;
    *ret = is_weak ? (struct slice){0} : (struct slice){at + 1, (size_t)(close - at) - 1};
    *list = (struct slice){close + 1, (size_t)(end - close) - 1};
    return list->len == 0 || strchr(" \t,", close[1]);
}

struct param as_if_match(struct request *req)
{
    struct slice list = request_text(req, "If-Match"), tag;
    if (!list.data || slice_equal(list, SLICE("*")))
        return as_null();
    struct slice *versions = arena_alloc_array(&req->arena, list.len / 2 + 1, sizeof *versions);
    size_t count = 0;
    while (tag_next(&list, &tag)) {
        struct slice version = tag_version(tag);
        if (version.data)
            versions[count++] = version;
    }
    return as_texts(versions, count);
}

struct param as_limit(const struct request *req)
{
    return as_int(request_int(req, "limit", LIMIT_DEFAULT) + 1);
}

struct param as_cursor_at(const struct request *req)
{
    return req->exchange->has_cursor ? as_instant(req->exchange->cursor.at_us) : as_null();
}

struct param as_cursor_id(const struct request *req)
{
    return req->exchange->has_cursor ? as_uuid(req->exchange->cursor.id) : as_null();
}

struct param as_count_wanted(const struct request *req)
{
    static const struct slice exact = {"count=exact", 11};
    struct slice wish = request_text(req, "Prefer");
    while (wish.len && !req->exchange->is_counting) {
        size_t len = 0;
        while (len < wish.len && !strchr(",; ", wish.data[len]))
            len++;
        req->exchange->is_counting = slice_equal((struct slice){wish.data, len}, exact);
        size_t step = len < wish.len ? len + 1 : len;
        wish = (struct slice){wish.data + step, wish.len - step};
    }
    return as_bool(req->exchange->is_counting);
}

const struct org *request_org_named(struct request *req, struct slice slug)
{
    struct exchange *exchange = req->exchange;
    if (!exchange->registry)
        exchange->registry = registry_current(exchange->engine->shared->registry);
    return registry_find(exchange->registry, slug);
}

const struct tracking_keys *request_tracking_keys(const struct request *req)
{
    return &req->exchange->engine->shared->tracking;
}

const struct settings *request_settings(const struct request *req)
{
    return req->exchange->engine->shared->settings;
}

struct slice request_contract_json(const struct request *req)
{
    return contract_as_json(req->exchange->engine->shared->contract);
}

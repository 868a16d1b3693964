/* The headers of answers, and the request headers that decide them. One function a header; which of them an
 * answer gets is read off answer_common_headers(). */
#include "answer.h"

#include "engine.h"
#include "parameters.h"

#include <stdio.h>
#include <stdlib.h>

#define WORDS_MAX 80

#define CORS_EXPOSED                                                                                         \
    "Accept-Ranges, Content-Disposition, Content-Range, ETag, Link, Location, Retry-After, RateLimit, "      \
    "Idempotent-Replayed, X-Request-Id"
#define CORS_ACCEPTED                                                                                        \
    "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, "     \
    "Prefer, Range, Tracking-Code, X-Request-Id, traceparent"

void answer_header(struct exchange *exchange, const char *name, const char *value)
{
    struct answer *answer = &exchange->answer;
    if (answer->header_count == ANSWER_HEADERS_MAX) /* ours alone to decide: a bug */
        abort();
    answer->headers[answer->header_count].name = name;
    answer->headers[answer->header_count].value = value;
    answer->header_count++;
}

struct slice answer_request_header(const struct exchange *exchange, const char *name)
{
    return exchange->head.header ? exchange->head.header(exchange, name) : (struct slice){0};
}

/* --- what the client may keep ------------------------------------------------------------------ */

/* What everybody may read. What has a key, or a tracking code, or is written is nobody else's business. */
static bool is_public_read(const struct exchange *exchange)
{
    const struct operation *operation = exchange->request.operation;
    return operation && operation->is_public && operation->method == METHOD_GET &&
           operation->rate == RATE_READ && exchange->bearer.state == KEY_NONE;
}

static const char *cache_control(const struct exchange *exchange)
{
    bool is_good = exchange->answer.status < 400;
    return is_good && is_public_read(exchange) ? "public, max-age=0, must-revalidate" : "no-store";
}

/* "one, two": our own words, so the room is known to be enough. */
struct words {
    char text[WORDS_MAX];
    size_t len;
};

static void add_word(struct words *words, const char *word)
{
    const char *comma = words->len > 0 ? ", " : "";
    size_t room = sizeof words->text - words->len;
    words->len += (size_t)snprintf(words->text + words->len, room, "%s%s", comma, word);
}

static const char *words_text(struct exchange *exchange, const struct words *words)
{
    return arena_copy(&exchange->request.arena, words->text, words->len);
}

/* The request headers that could have made it another answer. */
static void add_vary(struct exchange *exchange)
{
    const struct operation *operation = exchange->request.operation;
    struct words list = {.len = 0};
    if (operation && operation->is_public && operation->is_for_staff)
        add_word(&list, "Authorization");
    if (operation && parameters_find(operation, IN_HEADER, SLICE("Prefer")) >= 0)
        add_word(&list, "Prefer");
    if (exchange->answer.status >= 400)
        add_word(&list, "Accept-Language");
    if (exchange->engine->shared->settings->cors_origins[0])
        add_word(&list, "Origin");
    if (list.len > 0)
        answer_header(exchange, "Vary", words_text(exchange, &list));
}

/* --- other origins ----------------------------------------------------------------------------- */

/* The setting is a list of exact origins, separated by blanks. */
static bool is_listed(const char *origins, struct slice origin)
{
    while (*origins) {
        size_t len = strcspn(origins, " ");
        if (len > 0 && slice_equal((struct slice){origins, len}, origin))
            return true;
        origins += len + (origins[len] ? 1 : 0);
    }
    return false;
}

/* The request's origin if it is one of ours to talk to, NULL otherwise. */
static const char *allowed_origin(struct exchange *exchange)
{
    const char *origins = exchange->engine->shared->settings->cors_origins;
    if (!origins[0])
        return NULL;
    struct slice origin = answer_request_header(exchange, "Origin");
    if (!origin.data || !is_listed(origins, origin))
        return NULL;
    return arena_copy(&exchange->request.arena, origin.data, origin.len);
}

static void add_cors(struct exchange *exchange)
{
    const char *origin = allowed_origin(exchange);
    if (!origin)
        return;
    answer_header(exchange, "Access-Control-Allow-Origin", origin);
    answer_header(exchange, "Access-Control-Expose-Headers", CORS_EXPOSED);
}

void answer_preflight_headers(struct exchange *exchange)
{
    if (!allowed_origin(exchange) || !answer_request_header(exchange, "Access-Control-Request-Method").data)
        return;
    answer_header(exchange, "Access-Control-Allow-Methods", answer_allow(exchange));
    answer_header(exchange, "Access-Control-Allow-Headers", CORS_ACCEPTED);
    answer_header(exchange, "Access-Control-Max-Age", "600");
}

/* --- the rest ---------------------------------------------------------------------------------- */

static void add_rate(struct exchange *exchange)
{
    const struct rate_verdict *rate = &exchange->rate;
    if (rate->limit > 0)
        answer_header(exchange, "RateLimit",
                      arena_printf(&exchange->request.arena, "limit=%u, remaining=%u, reset=%u", rate->limit,
                                   rate->remaining, rate->reset_s));
}

void answer_common_headers(struct exchange *exchange, const char *media_type)
{
    if (media_type)
        answer_header(exchange, "Content-Type", media_type);
    answer_header(exchange, "X-Content-Type-Options", "nosniff");
    answer_header(exchange, "X-Request-Id", exchange->request_id);
    answer_header(exchange, "Cache-Control", cache_control(exchange));
    if (exchange->is_replayed && exchange->answer.status < 400)
        answer_header(exchange, "Idempotent-Replayed", "true");
    add_vary(exchange);
    add_rate(exchange);
    add_cors(exchange);
}

const char *answer_allow(struct exchange *exchange)
{
    struct words list = {.len = 0};
    for (unsigned method = 0; method < METHOD_COUNT; method++)
        if (exchange->route.allowed >> method & 1)
            add_word(&list, http_method_names[method]);
    return words_text(exchange, &list);
}

/* --- If-None-Match ----------------------------------------------------------------------------- */

/* Cuts the next tag off a list, without W/ in front: the comparison is the weak one. */
static struct slice next_tag(struct slice *rest)
{
    while (rest->len > 0 && strchr(" \t,", *rest->data))
        *rest = (struct slice){rest->data + 1, rest->len - 1};
    if (rest->len > 2 && memcmp(rest->data, "W/", 2) == 0)
        *rest = (struct slice){rest->data + 2, rest->len - 2};
    const char *close =
        rest->len > 1 && *rest->data == '"' ? memchr(rest->data + 1, '"', rest->len - 1) : NULL;
    struct slice tag = {rest->data, close ? (size_t)(close + 1 - rest->data) : 0};
    *rest = close ? (struct slice){rest->data + tag.len, rest->len - tag.len} : (struct slice){"", 0};
    return tag;
}

bool answer_is_known(const struct exchange *exchange, const char *etag)
{
    struct slice rest = answer_request_header(exchange, "If-None-Match");
    if (!rest.data)
        return false;
    if (slice_is(rest, "*"))
        return true;
    while (rest.len > 0)
        if (slice_is(next_tag(&rest), etag))
            return true;
    return false;
}

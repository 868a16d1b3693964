/* Answers: content, status, and the choice between 200 and 304. Headers are in answer_headers.c, rows in
 * rows_body.c, statements in statement.c; where a problem comes from is not asked here. */
#include "answer.h"

#include "check.h"
#include "engine.h"
#include "language.h"
#include "parameters.h"
#include "problem_document.h"
#include "range.h"
#include "siphash.h"
#include "statement.h"
#include "upload.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PROBLEM_MAX (4 << 20) /* faults_max bounds it long before */

void answer_drop_content(struct answer *answer)
{
    content_unref(answer->content);
    if (answer->outgoing && answer->outgoing->fd >= 0)
        close(answer->outgoing->fd);
    answer->content = NULL;
    answer->outgoing = NULL;
}

static void begin_answer(struct exchange *exchange, unsigned status, struct content *content)
{
    struct answer *answer = &exchange->answer;
    answer_drop_content(answer); /* of an answer that did not stand */
    answer->content = content;
    answer->status = status;
    answer->header_count = 0;
    exchange->is_answered = true;
}

/* --- problems ---------------------------------------------------------------------------------- */

static void add_problem_headers(struct exchange *exchange, enum problem problem)
{
    switch (problem_rows[problem].status) {
    case 401:
        answer_header(exchange, "WWW-Authenticate", "Bearer");
        break;
    case 405:
        answer_header(exchange, "Allow", answer_allow(exchange));
        break;
    case 429:
        answer_header(exchange, "Retry-After",
                      arena_printf(&exchange->request.arena, "%u", exchange->rate.retry_s));
        break;
    case 503:
        answer_header(exchange, "Retry-After", "1");
        break;
    }
}

static void write_problem(struct exchange *exchange, const struct refusal *refusal, enum language language,
                          struct buffer *out)
{
    problem_write(out, &(struct problem_facts){
                           .problem = refusal->problem,
                           .language = language,
                           .detail = language == LANGUAGE_FA ? refusal->persian : refusal->english,
                           .instance = exchange->head.path,
                           .request_id = exchange->request_id,
                           .extension = refusal->extension,
                           .faults = refusal->faults,
                       });
}

void answer_refusal(struct exchange *exchange, const struct refusal *refusal)
{
    static const char media_type[] = "application/problem+json; charset=utf-8";
    const struct problem_row *row = &problem_rows[refusal->problem];
    enum language language = language_choose(answer_request_header(exchange, "Accept-Language"));
    CLEANUP(buffer_done) struct buffer text;
    buffer_init(&text, PROBLEM_MAX);
    write_problem(exchange, refusal, language, &text);
    if (!check_body(exchange, row->status, media_type, buffer_view(&text)) &&
        refusal->problem != PROBLEM_internal_error) {
        answer_problem(exchange, PROBLEM_internal_error);
        return;
    }
    size_t len;
    char *data = buffer_steal(&text, &len);
    begin_answer(exchange, row->status, content_new(data, len, false));
    exchange->log_code = row->code;
    answer_common_headers(exchange, media_type);
    answer_header(exchange, "Content-Language", language_tag(language));
    add_problem_headers(exchange, refusal->problem);
}

void answer_problem(struct exchange *exchange, enum problem problem)
{
    answer_refusal(exchange, &(struct refusal){.problem = problem});
}

void answer_options(struct exchange *exchange)
{
    begin_answer(exchange, 204, NULL);
    answer_common_headers(exchange, NULL);
    answer_header(exchange, "Allow", answer_allow(exchange));
    answer_preflight_headers(exchange);
}

/* --- bodies ------------------------------------------------------------------------------------ */

static bool is_reading(const struct exchange *exchange)
{
    return exchange->head.method == METHOD_GET || exchange->head.method == METHOD_HEAD;
}

bool answer_is_cacheable(const struct exchange *exchange)
{
    const struct operation *operation = exchange->request.operation;
    return operation->cache_seconds > 0 && operation->is_public && is_reading(exchange) &&
           exchange->bearer.state == KEY_NONE && !parameters_has_header(exchange);
}

/* The client has it: 304. What named it was pinned by the content that goes. */
static void drop_content(struct exchange *exchange, struct body *body)
{
    struct arena *arena = &exchange->request.arena;
    body->media_type = NULL;
    body->etag = arena_strdup(arena, body->etag);
    body->link = body->link ? arena_strdup(arena, body->link) : NULL;
    exchange->answer.status = 304;
    answer_drop_content(&exchange->answer);
    metrics_count(exchange->engine->shared->metrics, METRIC_NOT_MODIFIED);
}

static void set_headers(struct exchange *exchange, struct body *body)
{
    if (body->etag && body->status == 200 && is_reading(exchange) && answer_is_known(exchange, body->etag))
        drop_content(exchange, body);
    answer_common_headers(exchange, body->media_type);
    if (body->etag)
        answer_header(exchange, "ETag", body->etag);
    if (body->link)
        answer_header(exchange, "Link", body->link);
}

/* Any fixed key will do: the tag must be the same on all servers, and is no secret. */
static const char *tag_of_bytes(struct arena *arena, const char *data, size_t len)
{
    uint64_t hash = siphash((struct siphash_key){0, 0}, (struct slice){data, len});
    return arena_printf(arena, "\"h%016llx\"", (unsigned long long)hash);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The body moves into one piece with its headers, which the cache and this answer then share. */
static void keep_in_cache(struct exchange *exchange, struct body *body)
{
    const struct request *req = &exchange->request;
    const struct operation *operation = req->operation;
    int64_t life_us = operation->cache_seconds * CLOCK_SECOND_US;
    struct cached cached = {.media_type = body->media_type, .etag = body->etag, .link = body->link};

    cache_pack(&cached, body->data, body->len);
    body->media_type = cached.media_type;
    body->etag = cached.etag;
    body->link = cached.link;
    begin_answer(exchange, body->status, cached.content);
    if (body->until_us <= clock_now_us())
        return;
    cache_put(exchange->engine->shared->cache, (struct cache_key){exchange->head.path, exchange->head.query},
              &cached,
              &(struct cache_life){
                  .org = slice_of(req->org ? req->org->slug : ""),
                  .tag = operation->cache_tag,
                  .generation = exchange->cache_generation,
                  .until = {least(clock_now_us() + life_us, body->until_us), clock_mono_us() + life_us},
              });
}

static bool is_as_declared(struct exchange *exchange, struct body *body)
{
    struct slice bytes = {body->data, body->data ? body->len : 0};
    if (check_body(exchange, body->status, body->media_type, bytes))
        return true;
    if (!body->is_borrowed)
        free(body->data);
    return false;
}

void answer_body(struct exchange *exchange, struct body *body)
{
    if (!body->media_type && body->data)
        body->media_type = "application/json; charset=utf-8";
    if (!is_as_declared(exchange, body)) {
        answer_problem(exchange, PROBLEM_internal_error);
        return;
    }
    const struct operation *operation = exchange->request.operation;
    bool is_tagged = body->status == 200 && body->data && operation->cache_seconds > 0;
    if (is_tagged && !body->etag)
        body->etag = tag_of_bytes(&exchange->request.arena, body->data, body->len);
    bool is_kept = is_tagged && !body->is_borrowed && answer_is_cacheable(exchange);
    if (is_kept)
        keep_in_cache(exchange, body);
    else
        begin_answer(exchange, body->status,
                     body->data ? content_new(body->data, body->len, body->is_borrowed) : NULL);
    set_headers(exchange, body);
}

void answer_from_cache(struct exchange *exchange, const struct cached *cached)
{
    begin_answer(exchange, 200, cached->content);
    set_headers(exchange, &(struct body){.status = 200,
                                         .media_type = cached->media_type,
                                         .etag = cached->etag,
                                         .link = cached->link});
}

/* --- replies ----------------------------------------------------------------------------------- */

static void answer_reply_headers(struct exchange *exchange, const struct reply *reply)
{
    for (size_t i = 0; i < REPLY_HEADERS_MAX && reply->headers[i].name; i++)
        answer_header(exchange, reply->headers[i].name, reply->headers[i].value);
}

static void answer_bytes(struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    struct arena *arena = &exchange->request.arena;
    answer_body(exchange, &(struct body){
                              .status = reply->status,
                              .media_type = reply->media_type,
                              .data = (char *)reply->bytes.data, /* borrowed: only read */
                              .len = reply->bytes.len,
                              .is_borrowed = true,
                              .etag = reply->etag ? arena_printf(arena, "\"%s\"", reply->etag) : NULL,
                              .until_us = INT64_MAX,
                          });
    answer_reply_headers(exchange, reply);
}

void answer_stream(struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    begin_answer(exchange, reply->status, NULL);
    exchange->answer.is_stream = true;
    answer_common_headers(exchange, reply->media_type);
    answer_reply_headers(exchange, reply);
}

/* A part is sent of the content that the client has the rest of, or asks for whatever it is. */
static enum range_verdict wanted_part(const struct exchange *exchange, const char *etag, uint64_t size,
                                      struct range *ret)
{
    struct slice wanted = answer_request_header(exchange, "Range"),
                 known = answer_request_header(exchange, "If-Range");
    bool is_asked = exchange->head.method == METHOD_GET && wanted.data && !answer_is_known(exchange, etag);
    if (!is_asked || (known.data && !slice_is(known, etag)))
        return RANGE_NONE;
    return range_read(wanted, size, ret);
}

static void refuse_part(struct exchange *exchange, uint64_t size)
{
    answer_problem(exchange, PROBLEM_range_not_satisfiable);
    answer_header(exchange, "Content-Range",
                  arena_printf(&exchange->request.arena, "bytes */%llu", (unsigned long long)size));
}

static void send_file(struct exchange *exchange, struct outgoing *outgoing, const char *etag)
{
    const struct reply *reply = &exchange->reply;
    uint64_t size = outgoing->size;
    struct range part = {0, size};
    enum range_verdict verdict = wanted_part(exchange, etag, size, &part);
    outgoing->offset = part.first;
    outgoing->size = part.len;
    begin_answer(exchange, verdict == RANGE_PART ? 206 : reply->status, NULL);
    exchange->answer.outgoing = outgoing;
    if (verdict == RANGE_UNSATISFIABLE) {
        refuse_part(exchange, size);
        return;
    }
    /* sendfile is not to wait for the disk */
    (void)posix_fadvise(outgoing->fd, (off_t)part.first, (off_t)part.len, POSIX_FADV_WILLNEED);
    set_headers(exchange,
                &(struct body){.status = reply->status, .media_type = reply->media_type, .etag = etag});
    answer_reply_headers(exchange, reply);
    answer_header(exchange, "Accept-Ranges", "bytes");
    if (verdict == RANGE_PART)
        answer_header(
            exchange, "Content-Range",
            arena_printf(&exchange->request.arena, "bytes %llu-%llu/%llu", (unsigned long long)part.first,
                         (unsigned long long)(part.first + part.len - 1), (unsigned long long)size));
}

static void answer_file(struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    struct arena *arena = &exchange->request.arena;
    struct outgoing *outgoing = arena_alloc(arena, sizeof *outgoing);
    int64_t size;
    if (!transfer_begin(exchange)) {
        answer_problem(exchange, PROBLEM_overloaded);
        return;
    }
    const struct store *store = exchange->engine->shared->store;
    if (!store || store_read(store, reply->sha256, &outgoing->fd, &size) != STORE_OK) {
        log_error("file.unreadable", log_text("request_id", exchange->request_id), log_int("errno", errno));
        answer_problem(exchange, PROBLEM_internal_error);
        return;
    }
    outgoing->size = (uint64_t)size;
    send_file(exchange, outgoing,
              arena_printf(arena, "\"%s\"", crypto_hex(arena, reply->sha256, DIGEST_LEN)));
}

static void answer_reply_problem(struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    answer_refusal(
        exchange,
        &(struct refusal){.problem = reply->problem, .extension = reply->extension, .faults = reply->faults});
    answer_reply_headers(exchange, reply);
}

void answer_reply(struct exchange *exchange, struct reply reply)
{
    static void (*const kinds[])(struct exchange *) = {[REPLY_BYTES] = answer_bytes,
                                                       [REPLY_PROBLEM] = answer_reply_problem,
                                                       [REPLY_FILE] = answer_file,
                                                       [REPLY_STATEMENT] = statement_submit};
    exchange->reply = reply;
    kinds[reply.kind](exchange);
}

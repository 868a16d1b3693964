/* The pages of a streamed answer: from rows to bytes by the reply's page(), from bytes to the transport piece
 * by piece, and the statement in between. Which statement, and what its rows look like, is the handler's
 * business. */
#include "stream.h"

#include "answer.h"
#include "base/log.h"
#include "check.h"
#include "engine.h"
#include "statement.h"
#include "statements.h"

#define PAGE_MAX (64 << 20)

bool stream_enter(struct exchange *exchange)
{
    struct shared *shared = exchange->engine->shared;
    if (exchange->stream.is_entered)
        return true;
    unsigned before = atomic_fetch_add(&shared->streams, 1);
    if (before >= (unsigned)shared->settings->exports_max) {
        atomic_fetch_sub(&shared->streams, 1);
        return false;
    }
    exchange->stream.is_entered = true;
    return true;
}

static void break_off(struct exchange *exchange, const char *why)
{
    exchange->stream.is_broken = true;
    exchange->log_code = "stream_broken";
    log_warn("stream.broken", log_text("statement", statements[exchange->reply.statement].name),
             log_text("why", why), log_text("request_id", exchange->request_id));
}

static void write_page(struct exchange *exchange, const struct rows *rows)
{
    struct stream *stream = &exchange->stream;
    const struct reply *reply = &exchange->reply;
    buffer_clear(&stream->page);
    stream->sent = 0;
    stream->has_more = reply->page(reply->page_state, rows, stream->params, &stream->page);
    stream->bytes += stream->page.len;
    if (stream->page.overflow)
        break_off(exchange, "page_too_long");
}

void stream_begin(struct exchange *exchange, const struct rows *rows)
{
    struct stream *stream = &exchange->stream;
    const struct reply *reply = &exchange->reply;
    struct arena *arena = &exchange->request.arena;
    if (!check_body(exchange, reply->status, reply->media_type, (struct slice){0})) {
        answer_problem(exchange, PROBLEM_internal_error);
        return;
    }
    buffer_init(&stream->page, PAGE_MAX);
    stream->params = arena_alloc_array(arena, reply->param_count, sizeof *stream->params);
    memcpy(stream->params, reply->params, reply->param_count * sizeof *stream->params);
    answer_stream(exchange);
    write_page(exchange, rows);
}

static void page_answered(struct exchange *exchange, enum db_outcome outcome, const struct rows *rows)
{
    if (outcome == DB_OK)
        write_page(exchange, rows);
    else
        break_off(exchange, db_outcome_name(outcome));
}

/* The answer may come before db_submit() is back, and then nobody waits for it. */
static void ask_page(struct exchange *exchange)
{
    struct stream *stream = &exchange->stream;
    stream->has_more = false;
    exchange->is_running = true;
    statement_ask(exchange, exchange->reply.statement, stream->params, exchange->reply.param_count,
                  page_answered);
    exchange->is_running = false;
}

enum stream_state stream_read(struct exchange *exchange, char *to, size_t room, size_t *ret_len)
{
    struct stream *stream = &exchange->stream;
    size_t left = stream->page.len - stream->sent;
    if (stream->is_broken)
        return STREAM_BREAKS;
    if (left == 0 && !stream->has_more)
        return STREAM_ENDS;
    if (left == 0) {
        ask_page(exchange);
        return stream->is_broken ? STREAM_BREAKS : STREAM_WAITS;
    }
    size_t len = left < room ? left : room;
    memcpy(to, stream->page.data + stream->sent, len);
    stream->sent += len;
    *ret_len = len;
    return STREAM_FLOWS;
}

int64_t stream_patience_ms(const struct exchange *exchange)
{
    const struct settings *settings = exchange->engine->shared->settings;
    int64_t bytes = (int64_t)exchange->stream.page.len;
    return settings->request_timeout_ms + bytes * 1000 / settings->export_rate;
}

void stream_done(struct exchange *exchange)
{
    struct stream *stream = &exchange->stream;
    if (stream->is_entered)
        atomic_fetch_sub(&exchange->engine->shared->streams, 1);
    buffer_done(&stream->page);
    *stream = (struct stream){0};
}

/* The engine as the transport sees it: one per loop. A request's own way is gate.c, then answer.c or
 * statement.c; here are the beginning and the end of every request, and the turns of the loop. */
#include "engine.h"

#include "answer.h"
#include "base/log.h"
#include "gate.h"
#include "statements.h"
#include "stream.h"
#include "upload.h"

#include <endian.h>
#include <stdlib.h>

#define PUBLISH_EVERY_MS 250

/* --- life -------------------------------------------------------------------------------------- */

static struct db_config database_of(struct engine *engine)
{
    const struct settings *settings = engine->shared->settings;
    return (struct db_config){
        .conninfo = settings->database_url,
        .statements = statements,
        .statement_count = SQL_COUNT,
        .queue_max = (unsigned)settings->queue_max,
        .batch_max = (unsigned)settings->batch_max,
        .timeout_ms = {[LANE_READ] = settings->read_timeout_ms,
                       [LANE_WRITE] = settings->write_timeout_ms,
                       [LANE_SLOW] = settings->slow_timeout_ms},
        .lock_timeout_ms = settings->lock_timeout_ms,
        .listen = engine->is_first ? pulse_channels : NULL,
        .notified = pulse_notified,
        .context = engine,
    };
}

struct engine *engine_new(struct shared *shared, struct loop *loop, int epoll_fd, bool is_first)
{
    (void)loop; /* an exchange knows its way back by itself */
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        abort();
    engine->shared = shared;
    engine->is_first = is_first;
    engine->figures = metrics_add_engine(shared->metrics);
    crypto_random(engine->id_prefix, sizeof engine->id_prefix);
    pulse_init(&engine->pulse);
    drops_init(&engine->drops);
    struct db_config config = database_of(engine);
    engine->db = db_open(&config, epoll_fd);
    if (shared->store && !keeper_box_open(&engine->box, epoll_fd, upload_kept))
        abort(); /* an eventfd, once per loop */
    return engine;
}

void engine_free(struct engine *engine)
{
    db_close(engine->db);
    if (engine->shared->store)
        keeper_box_close(&engine->box);
    drops_done(&engine->drops);
    free(engine);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t engine_turn(struct engine *engine, int64_t now_mono_ms)
{
    int64_t next_ms = pulse_turn(engine, now_mono_ms);
    next_ms = sooner(next_ms, drops_turn(engine, now_mono_ms));
    next_ms = sooner(next_ms, db_turn(engine->db, now_mono_ms));
    if (now_mono_ms >= engine->publish_at_ms) {
        struct db_stats stats = db_stats(engine->db);
        metrics_publish(engine->figures, &stats, db_waiting(engine->db), pulse_is_felt(engine));
        engine->publish_at_ms = now_mono_ms + PUBLISH_EVERY_MS;
    }
    return next_ms;
}

bool engine_is_ready(const struct engine *engine)
{
    return pulse_is_felt(engine);
}

unsigned engine_waiting(const struct engine *engine)
{
    return engine->waiting;
}

/* --- a request begins -------------------------------------------------------------------------- */

static bool is_request_id(struct slice id)
{
    if (id.len == 0 || id.len >= sizeof((struct exchange *)0)->request_id)
        return false;
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        bool is_good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '_' || c == '-';
        if (!is_good)
            return false;
    }
    return true;
}

static char *write_hex(char *to, const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i++) {
        *to++ = digits[bytes[i] >> 4];
        *to++ = digits[bytes[i] & 15];
    }
    return to;
}

/* The client's, or one that is new: random for the engine, counted up within it. */
static void set_request_id(struct exchange *exchange)
{
    struct engine *engine = exchange->engine;
    struct slice told = answer_request_header(exchange, "X-Request-Id");
    if (is_request_id(told)) {
        memcpy(exchange->request_id, told.data, told.len);
        return;
    }
    uint32_t count = htobe32(++engine->id_counter);
    char *to = write_hex(exchange->request_id, engine->id_prefix, sizeof engine->id_prefix);
    write_hex(to, &count, sizeof count);
}

/* "00-<32 hex>-<16 hex>-<2 hex>" (W3C Trace Context); all zeroes are no trace. */
static void set_trace_id(struct exchange *exchange)
{
    struct slice parent = answer_request_header(exchange, "traceparent");
    if (parent.len < 55 || parent.data[2] != '-' || parent.data[35] != '-')
        return;
    const char *id = parent.data + 3;
    if (strspn(id, "0123456789abcdef") != 32 || strspn(id, "0") >= 32)
        return;
    memcpy(exchange->trace_id, id, 32);
}

static void begin(struct exchange *exchange)
{
    if (exchange->request_id[0])
        return;
    exchange->request.exchange = exchange;
    exchange->request.received_us = clock_now_us();
    set_request_id(exchange);
    set_trace_id(exchange);
}

bool engine_head(struct exchange *exchange)
{
    begin(exchange);
    return gate_head(exchange) != GATE_ANSWERED;
}

bool engine_run(struct exchange *exchange)
{
    exchange->is_running = true;
    gate_go_on(exchange);
    exchange->is_running = false;
    return exchange->is_answered;
}

void engine_refuse(struct exchange *exchange, enum problem problem, bool is_closing)
{
    begin(exchange);
    answer_problem(exchange, problem);
    exchange->answer.is_closing = is_closing;
}

/* --- a request ends ---------------------------------------------------------------------------- */

#define FIELDS_MAX 16

struct line {
    struct log_field fields[FIELDS_MAX];
    size_t count;
};

static void add_text(struct line *line, const char *name, const char *value)
{
    if (value && value[0])
        line->fields[line->count++] = log_text(name, value);
}

static void add_int(struct line *line, const char *name, int64_t value)
{
    line->fields[line->count++] = log_int(name, value);
}

static int64_t bytes_of(const struct exchange *exchange)
{
    const struct answer *answer = &exchange->answer;
    if (answer->outgoing)
        return (int64_t)answer->outgoing->size;
    return answer->content ? (int64_t)answer->content->len : (int64_t)exchange->stream.bytes;
}

/* What happened, never to whom: no path, query, address or user agent. */
static void log_request(const struct exchange *exchange, int64_t duration_us, bool is_complete)
{
    const struct request *req = &exchange->request;
    const struct answer *answer = &exchange->answer;
    struct line line = {.count = 0};
    char key[UUID_TEXT_LEN + 1] = "";

    if (!log_is_on(LOG_INFO_LEVEL))
        return;
    if (req->who)
        uuid_format(req->who->key_id, key);
    add_text(&line, "operation", req->operation ? req->operation->id : NULL);
    add_text(&line, "method",
             exchange->head.method < METHOD_COUNT ? http_method_names[exchange->head.method] : NULL);
    add_int(&line, "status", answer->status);
    add_int(&line, "duration_us", duration_us);
    if (exchange->db_us > 0)
        add_int(&line, "db_us", exchange->db_us);
    add_int(&line, "bytes", bytes_of(exchange));
    add_text(&line, "request_id", exchange->request_id);
    add_text(&line, "trace_id", exchange->trace_id);
    add_text(&line, "code", exchange->log_code);
    add_text(&line, "org", req->org ? req->org->slug : NULL);
    add_text(&line, "key", key);
    if (!is_complete)
        add_int(&line, "aborted", 1);
    log_write(LOG_INFO_LEVEL, "request", line.fields);
}

void engine_done(struct exchange *exchange, bool is_complete)
{
    int64_t duration_us = clock_mono_us() - exchange->started_mono_us;
    log_request(exchange, duration_us, is_complete);
    if (exchange->is_answered)
        metrics_request(exchange->engine->shared->metrics, exchange->request.operation,
                        exchange->answer.status, duration_us);
    upload_end(exchange);
    answer_drop_content(&exchange->answer);
    stream_done(exchange);
    registry_unref(exchange->registry);
    exchange->registry = NULL;
}

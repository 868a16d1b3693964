/* An engine without sockets and without PostgreSQL: the transport's calls are made by hand, jobs go to a list
 * that the test answers with rows of its own. Everything between the two seams is the real thing.
 *
 * db_*() and rows_*() are defined here, so the linker takes these and leaves libdb out. */
#ifndef ENGINE_HARNESS_H
#define ENGINE_HARNESS_H

#include "unit.h"

#include "base/log.h"
#include "engine.h"
#include "statements.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* what a test does not say is zero */

/* --- a database that says what the test wants -------------------------------------------------- */

enum cell_kind { CELL_NULL, CELL_TEXT, CELL_JSON, CELL_INT, CELL_BOOL, CELL_INSTANT, CELL_UUID };

struct cell {
    enum cell_kind kind;
    const char *text;
    int64_t number;
    struct uuid uuid;
};

#define TEXT(s)    ((struct cell){.kind = CELL_TEXT, .text = (s)})
#define JSON(s)    ((struct cell){.kind = CELL_JSON, .text = (s)})
#define NUMBER(n)  ((struct cell){.kind = CELL_INT, .number = (n)})
#define TRUTH(b)   ((struct cell){.kind = CELL_BOOL, .number = (b)})
#define INSTANT(n) ((struct cell){.kind = CELL_INSTANT, .number = (n)})
#define UUID(n)    ((struct cell){.kind = CELL_UUID, .uuid = {{(uint8_t)(n)}}})
#define NOTHING    ((struct cell){.kind = CELL_NULL})

#define COLUMNS_MAX 12

struct rows {
    unsigned count;
    const char *names[COLUMNS_MAX]; /* NULL-ended */
    struct cell cells[8][COLUMNS_MAX];
};

unsigned rows_count(const struct rows *rows)
{
    return rows->count;
}

int rows_column(const struct rows *rows, const char *name)
{
    for (int i = 0; i < COLUMNS_MAX && rows->names[i]; i++)
        if (strcmp(rows->names[i], name) == 0)
            return i;
    return -1;
}

static const struct cell *cell_at(const struct rows *rows, unsigned row, int column, enum cell_kind kind)
{
    assert_true(row < rows->count && column >= 0);
    const struct cell *cell = &rows->cells[row][column];
    assert_true(cell->kind == kind || (kind == CELL_TEXT && cell->kind == CELL_JSON));
    return cell;
}

bool rows_is_null(const struct rows *rows, unsigned row, int column)
{
    return column < 0 || rows->cells[row][column].kind == CELL_NULL;
}

struct slice rows_text(const struct rows *rows, unsigned row, int column)
{
    return slice_of(cell_at(rows, row, column, CELL_TEXT)->text);
}

int64_t rows_int(const struct rows *rows, unsigned row, int column)
{
    return cell_at(rows, row, column, CELL_INT)->number;
}

bool rows_bool(const struct rows *rows, unsigned row, int column)
{
    return cell_at(rows, row, column, CELL_BOOL)->number;
}

int64_t rows_instant_us(const struct rows *rows, unsigned row, int column)
{
    return cell_at(rows, row, column, CELL_INSTANT)->number;
}

struct uuid rows_uuid(const struct rows *rows, unsigned row, int column)
{
    return cell_at(rows, row, column, CELL_UUID)->uuid;
}

static void write_cell(const struct cell *cell, struct buffer *out)
{
    char id[UUID_TEXT_LEN + 1];
    uuid_format(cell->uuid, id);
    switch (cell->kind) {
    case CELL_NULL:
        buffer_str(out, "null");
        break;
    case CELL_TEXT:
        buffer_json_string(out, slice_of(cell->text));
        break;
    case CELL_JSON:
        buffer_str(out, cell->text);
        break;
    case CELL_BOOL:
        buffer_str(out, cell->number ? "true" : "false");
        break;
    case CELL_UUID:
        buffer_json_string(out, slice_of(id));
        break;
    case CELL_INT:
    case CELL_INSTANT:
        buffer_int(out, cell->number);
        break;
    }
}

void rows_write_object(const struct rows *rows, unsigned row, struct buffer *out)
{
    const char *comma = "";
    buffer_char(out, '{');
    for (int i = 0; i < COLUMNS_MAX && rows->names[i]; i++) {
        if (rows->names[i][0] == '_')
            continue;
        buffer_printf(out, "%s\"%s\":", comma, rows->names[i]);
        write_cell(&rows->cells[row][i], out);
        comma = ",";
    }
    buffer_char(out, '}');
}

static struct {
    struct db_job *jobs[64];
    unsigned submitted, answered;
    bool is_down; /* jobs fail inside db_submit() */
    uint64_t reconnects;
    struct db_config config;
} fake;

struct db *db_open(const struct db_config *config, int epoll_fd)
{
    (void)epoll_fd;
    fake.config = *config;
    return (struct db *)&fake;
}

void db_close(struct db *db)
{
    (void)db;
}

void db_submit(struct db *db, struct db_job *job)
{
    (void)db;
    if (fake.is_down) {
        job->done(job, DB_UNAVAILABLE, NULL);
        return;
    }
    assert_true(fake.submitted < ARRAY_LEN(fake.jobs));
    fake.jobs[fake.submitted++] = job;
}

int64_t db_turn(struct db *db, int64_t now_mono_ms)
{
    (void)db;
    return now_mono_ms + 1000;
}

bool db_is_ready(const struct db *db)
{
    (void)db;
    return !fake.is_down;
}

unsigned db_waiting(const struct db *db)
{
    (void)db;
    return fake.submitted - fake.answered;
}

struct db_stats db_stats(const struct db *db)
{
    (void)db;
    return (struct db_stats){.reconnects = fake.reconnects};
}

const char *db_outcome_name(enum db_outcome outcome)
{
    return outcome == DB_OK ? "ok" : "not ok";
}

/* The oldest job that waits, or NULL. */
static UNUSED const struct db_job *fake_job(void)
{
    return fake.answered < fake.submitted ? fake.jobs[fake.answered] : NULL;
}

static UNUSED void fake_answer(enum db_outcome outcome, const struct rows *rows)
{
    assert_non_null(fake_job());
    struct db_job *job = fake.jobs[fake.answered++];
    job->done(job, outcome, outcome == DB_OK ? rows : NULL);
}

/* --- a transport that is one function call ----------------------------------------------------- */

#define HEADERS_MAX 12

struct call {
    struct exchange exchange;
    const char *names[HEADERS_MAX], *values[HEADERS_MAX];
    unsigned resumed;
    bool is_suspended;
};

static struct slice call_header(const struct exchange *exchange, const char *name)
{
    const struct call *call = CONTAINER_OF((struct exchange *)exchange, struct call, exchange);
    for (size_t i = 0; i < HEADERS_MAX && call->names[i]; i++)
        if (strcasecmp(call->names[i], name) == 0)
            return slice_of(call->values[i]);
    return (struct slice){0};
}

void exchange_answered(struct exchange *exchange)
{
    struct call *call = CONTAINER_OF(exchange, struct call, exchange);
    assert_true(call->is_suspended);
    call->resumed++;
}

static struct engine *engine;
static struct shared *shared;
static struct contract *contract;
static struct settings settings;

struct call_facts {
    enum http_method method;
    const char *target, *body;
    const char *headers[2 * HEADERS_MAX]; /* name, value, ...; NULL ends them */
    const char *address;                  /* 4 bytes */
    bool is_chunked;
};

/* Runs a request until it is answered or waits. call_end() must follow. */
static UNUSED struct call *call_begin(const struct call_facts *facts)
{
    struct call *call = calloc(1, sizeof *call);
    struct exchange *exchange = &call->exchange;
    const char *query = strchr(facts->target, '?');
    size_t body_len = facts->body ? strlen(facts->body) : 0;

    for (size_t i = 0; i < HEADERS_MAX && facts->headers[2 * i]; i++) {
        call->names[i] = facts->headers[2 * i];
        call->values[i] = facts->headers[2 * i + 1];
    }
    arena_init(&exchange->request.arena, 16384);
    exchange->request.exchange = exchange;
    exchange->engine = engine;
    exchange->started_mono_us = clock_mono_us();
    exchange->head = (struct head){
        .method = facts->method,
        .path = {facts->target, query ? (size_t)(query - facts->target) : strlen(facts->target)},
        .query = slice_of(query ? query + 1 : ""),
        .header = call_header,
        .address = {facts->address ? facts->address : "\x7f\0\0\1", 4},
        .content_length = facts->is_chunked || !facts->body ? -1 : (int64_t)body_len,
        .has_body = body_len > 0,
    };
    if (!engine_head(exchange))
        return call;
    buffer_init(&exchange->body, exchange->body_max);
    buffer_append(&exchange->body, facts->body, body_len);
    exchange->is_body_too_large = exchange->body.overflow;
    call->is_suspended = !engine_run(exchange);
    return call;
}

static UNUSED void call_end(struct call *call)
{
    struct exchange *exchange = &call->exchange;
    assert_true(exchange->is_answered);
    assert_int_equal(call->resumed, call->is_suspended ? 1 : 0);
    engine_done(exchange, true);
    arena_done(&exchange->request.arena);
    buffer_done(&exchange->body);
    free(call);
}

static UNUSED const char *answer_value(const struct call *call, const char *name)
{
    const struct answer *answer = &call->exchange.answer;
    const char *value = NULL;
    for (size_t i = 0; i < answer->header_count; i++)
        if (strcmp(answer->headers[i].name, name) == 0) {
            assert_null(value); /* no header twice */
            value = answer->headers[i].value;
        }
    return value;
}

/* A copy that lives as long as the call. */
static UNUSED const char *answer_text(struct call *call)
{
    const struct content *content = call->exchange.answer.content;
    return content ? arena_copy(&call->exchange.request.arena, content->data, content->len) : "";
}

/* The status and the problem's code, "422 validation_failed"; "200" alone when it is no problem. */
static UNUSED const char *call_verdict(struct call *call)
{
    unsigned status = call->exchange.answer.status;
    const char *code = call->exchange.log_code;
    return arena_printf(&call->exchange.request.arena, "%u%s%s", status, code ? " " : "", code ? code : "");
}

/* --- start and end ----------------------------------------------------------------------------- */

#define ISFAHAN_ID "07000000-0000-0000-0000-000000000000"

static const char registry_text[] =
    "[{\"id\":\"" ISFAHAN_ID "\",\"slug\":\"isfahan\",\"windows\":{},"
    "\"roles\":{\"expert\":[\"draft.read\",\"draft.write\"],\"reader\":[\"draft.read\"]}},"
    "{\"id\":\"08000000-0000-0000-0000-000000000000\",\"slug\":\"semnan\",\"windows\":{},\"roles\":{}}]";

static void read_contract(void)
{
    static char text[65536];
    FILE *file = fopen(SOURCE_DIR "/tests/unit/http/engine_sample.yaml", "r");
    struct contract_vocabulary vocabulary = {permission_names, server_rates, server_tags};
    struct contract_error error = {0};
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    contract = contract_compile(slice_of(text), &vocabulary, &error);
    if (!contract)
        fail_msg("engine_sample.yaml:%u: %s", error.line, error.text);
}

static UNUSED int harness_start(const struct binding *bindings)
{
    static char *nothing[] = {NULL};
    json_t *document = json_loads(registry_text, 0, NULL);
    memset(&fake, 0, sizeof fake);
    assert_true(settings_load(&settings, NULL, nothing, stderr));
    read_contract();
    struct server_config config = {
        .settings = &settings,
        .contract = contract,
        .bindings = bindings,
        .secret = {{42}},
        .registry = registry_parse(document),
    };
    json_decref(document);
    shared = shared_new(&config);
    assert_non_null(shared);
    engine = engine_new(shared, NULL, -1, true);
    return 0;
}

static UNUSED int harness_end(void **state)
{
    (void)state;
    engine_free(engine);
    shared_free(shared);
    contract_free(contract);
    return 0;
}

#endif

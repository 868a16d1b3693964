/* Statements: handing them to the loop's database, waiting, and reading what came back. A refusal is a row
 * (`_problem`), an outcome other than DB_OK is the database's trouble; both become problems here. What rows
 * look like as a body is in rows_body.c. */
#include "statement.h"

#include "answer.h"
#include "base/log.h"
#include "engine.h"
#include "gate.h"
#include "rows_body.h"
#include "statements.h"
#include "stream.h"

#define RETRIES_MAX 3
#define STARTS_MAX  10 /* one of those who meet wins each time */
#define BODY_MAX    (16 << 20)

static const enum problem outcome_problems[] = {
    [DB_UNAVAILABLE] = PROBLEM_unavailable,  [DB_OVERLOADED] = PROBLEM_overloaded,
    [DB_TIMEOUT] = PROBLEM_database_timeout, [DB_LOCKED] = PROBLEM_busy,
    [DB_UNKNOWN] = PROBLEM_outcome_unknown,  [DB_FULL] = PROBLEM_storage_full,
    [DB_REFUSED] = PROBLEM_internal_error,   [DB_FAILED] = PROBLEM_internal_error,
};

void statement_failed(struct exchange *exchange, enum db_outcome outcome)
{
    enum problem problem = outcome_problems[outcome];
    if (problem == PROBLEM_internal_error)
        log_error("statement.failed", log_text("statement", statements[exchange->job.statement].name),
                  log_text("outcome", db_outcome_name(outcome)),
                  log_text("request_id", exchange->request_id));
    answer_problem(exchange, problem);
}

/* --- there and back ---------------------------------------------------------------------------- */

/* `done` may run inside db_submit(), and one answer may submit the next statement. Only the outermost call,
 * with nothing of the exchange left on the stack, lets the connection go on. */
static void answered(struct db_job *job, enum db_outcome outcome, const struct rows *rows)
{
    struct exchange *exchange = CONTAINER_OF(job, struct exchange, job);
    bool was_running = exchange->is_running;

    exchange->engine->waiting--;
    exchange->db_us += clock_mono_us() - exchange->db_started_mono_us;
    exchange->is_running = true;
    exchange->job_answered(exchange, outcome, rows);
    exchange->is_running = was_running;
    if (exchange->is_answered && !was_running)
        exchange_answered(exchange);
}

void statement_ask(struct exchange *exchange, unsigned statement, const struct param *params, unsigned count,
                   void (*answered_fn)(struct exchange *exchange, enum db_outcome outcome,
                                       const struct rows *rows))
{
    struct db_job *job = &exchange->job;
    job->statement = statement;
    job->param_count = count;
    if (count > 0)
        memcpy(job->params, params, count * sizeof *params);
    job->done = answered;
    exchange->job_answered = answered_fn;
    exchange->db_started_mono_us = clock_mono_us();
    exchange->engine->waiting++;
    db_submit(exchange->engine->db, job);
}

/* --- refusals ---------------------------------------------------------------------------------- */

static bool is_refused(const struct rows *rows)
{
    return rows_count(rows) > 0 && !rows_is_null(rows, 0, rows_column(rows, "_problem"));
}

/* The members of `_detail`, a JSON object, without its braces. */
static struct slice detail_members(struct arena *arena, const struct rows *rows)
{
    int column = rows_column(rows, "_detail");
    if (rows_is_null(rows, 0, column))
        return (struct slice){0};
    struct slice text = rows_text(rows, 0, column);
    if (text.len < 2 || text.data[0] != '{')
        return (struct slice){0};
    return (struct slice){arena_copy(arena, text.data + 1, text.len - 2), text.len - 2};
}

static void refuse_by_row(struct exchange *exchange, const struct rows *rows)
{
    struct slice code = rows_text(rows, 0, rows_column(rows, "_problem"));
    if (slice_is(code, "retry")) {
        if (exchange->retries++ < RETRIES_MAX)
            statement_submit(exchange);
        else
            answer_problem(exchange, PROBLEM_busy);
        return;
    }
    if (slice_is(code, "busy") && exchange->starts++ < STARTS_MAX) {
        gate_handle(exchange);
        return;
    }
    enum problem problem = problem_find(code);
    if (problem == PROBLEM_COUNT) {
        log_error("statement.unknown_problem",
                  log_text("statement", statements[exchange->reply.statement].name));
        problem = PROBLEM_internal_error;
    }
    answer_refusal(exchange, &(struct refusal){.problem = problem,
                                               .extension = detail_members(&exchange->request.arena, rows)});
}

/* --- what a write made stale ------------------------------------------------------------------- */

static void drop_stale(struct exchange *exchange)
{
    const struct request *req = &exchange->request;
    if (req->operation->drops == 0 || statements[exchange->reply.statement].lane != LANE_WRITE)
        return;
    metrics_count(exchange->engine->shared->metrics, METRIC_CACHE_DROPS);
    drops_add(exchange->engine, req->org ? req->org->slug : "", req->operation->drops);
}

static bool has_public_effect(const struct rows *rows)
{
    int column = rows_column(rows, "_public");
    return rows_is_null(rows, 0, column) || rows_bool(rows, 0, column);
}

/* --- rows as the answer ------------------------------------------------------------------------ */

static const char *tag_of_row(struct arena *arena, const struct rows *rows)
{
    int column = rows_column(rows, "_etag");
    if (rows_count(rows) == 0 || rows_is_null(rows, 0, column))
        return NULL;
    struct slice tag = rows_text(rows, 0, column);
    return arena_printf(arena, "\"%.*s\"", (int)tag.len, tag.data);
}

/* What a row says of itself under the name of a path's parameter; NULL where it does not. */
static const char *name_in_row(struct arena *arena, const struct rows *rows, const char *parameter)
{
    int column = rows_column(rows, parameter);
    if (rows_is_null(rows, 0, column))
        return NULL;
    if (strcmp(parameter, "code") == 0) {
        struct slice code = rows_text(rows, 0, column);
        return arena_printf(arena, "%.*s", (int)code.len, code.data);
    }
    if (strcmp(parameter, "number") == 0)
        return arena_printf(arena, "%lld", (long long)rows_int(rows, 0, column));
    if (strcmp(parameter, "id") != 0)
        return NULL;
    char *id = arena_alloc(arena, UUID_TEXT_LEN + 1);
    uuid_format(rows_uuid(rows, 0, column), id);
    return id;
}

/* The address of what was created, if the contract has something there to GET. */
static void add_location(struct exchange *exchange, const struct rows *rows)
{
    struct arena *arena = &exchange->request.arena;
    struct slice path = exchange->head.path;
    struct route_match match;
    if (exchange->reply.status != 201 || exchange->head.method != METHOD_POST)
        return;
    const char *below = arena_printf(arena, "%.*s/1", (int)path.len, path.data);
    if (contract_route(exchange->engine->shared->contract, METHOD_GET, slice_of(below), &match) !=
        ROUTE_FOUND)
        return;
    size_t count = 0;
    while (count < match.operation->parameter_count && match.operation->parameters[count].in == IN_PATH)
        count++;
    const char *name =
        count > 0 ? name_in_row(arena, rows, match.operation->parameters[count - 1].name) : NULL;
    if (name)
        answer_header(exchange, "Location", arena_printf(arena, "%.*s/%s", (int)path.len, path.data, name));
}

static void add_row_headers(struct exchange *exchange, const struct rows *rows)
{
    if (rows_count(rows) == 0 || exchange->answer.status >= 400)
        return;
    add_location(exchange, rows);
    for (size_t i = 0; i < REPLY_HEADERS_MAX && exchange->reply.headers[i].name; i++)
        answer_header(exchange, exchange->reply.headers[i].name, exchange->reply.headers[i].value);
}

static void answer_rows(struct exchange *exchange, const struct rows *rows)
{
    struct body body = {.status = exchange->reply.status, .until_us = rows_body_until(rows)};
    CLEANUP(buffer_done) struct buffer text;
    buffer_init(&text, BODY_MAX);

    if (exchange->reply.shape == SHAPE_ROW)
        rows_body_object(exchange, rows, &text);
    else if (exchange->reply.shape != SHAPE_NOTHING)
        body.link = rows_body_list(exchange, rows, &text);
    if (text.overflow) {
        log_error("statement.too_long", log_text("statement", statements[exchange->reply.statement].name));
        answer_problem(exchange, PROBLEM_internal_error);
        return;
    }
    body.etag = tag_of_row(&exchange->request.arena, rows);
    body.data = text.len > 0 ? buffer_steal(&text, &body.len) : NULL;
    answer_body(exchange, &body);
    add_row_headers(exchange, rows);
}

/* The statement that writes says it, whatever is read after it for the answer. */
static void note_replay(struct exchange *exchange, const struct rows *rows)
{
    int column = rows_column(rows, "_replayed");
    if (rows_count(rows) > 0 && column >= 0)
        exchange->is_replayed = rows_bool(rows, 0, column);
}

static void take_rows(struct exchange *exchange, const struct rows *rows)
{
    if (is_refused(rows)) {
        refuse_by_row(exchange, rows);
        return;
    }
    if (rows_count(rows) == 0 && exchange->reply.shape != SHAPE_LIST) {
        answer_problem(exchange, PROBLEM_not_found);
        return;
    }
    if (rows_count(rows) > 0 && has_public_effect(rows))
        drop_stale(exchange);
    note_replay(exchange, rows);
    if (exchange->reply.page)
        stream_begin(exchange, rows);
    else if (exchange->reply.then)
        answer_reply(exchange, exchange->reply.then(&exchange->request, rows));
    else
        answer_rows(exchange, rows);
}

static void reply_answered(struct exchange *exchange, enum db_outcome outcome, const struct rows *rows)
{
    if (outcome == DB_OK) {
        take_rows(exchange, rows);
        return;
    }
    if (outcome == DB_UNKNOWN) /* it may have happened */
        drop_stale(exchange);
    statement_failed(exchange, outcome);
}

void statement_submit(struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    const struct request *req = &exchange->request;
    if (reply->page && !stream_enter(exchange)) {
        answer_problem(exchange, PROBLEM_overloaded);
        return;
    }
    if (req->operation->cache_seconds > 0)
        exchange->cache_generation =
            cache_generation(exchange->engine->shared->cache, slice_of(req->org ? req->org->slug : ""),
                             req->operation->cache_tag);
    statement_ask(exchange, reply->statement, reply->params, reply->param_count, reply_answered);
}

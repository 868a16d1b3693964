/* The gate, read from top to bottom: `steps` is the whole order. A step lets the request pass or answers it;
 * none knows what comes after it. Steps with some weight are in gate_who.c and gate_body.c, the handlers in
 * api/. */
#include "gate.h"

#include "answer.h"
#include "engine.h"
#include "language.h"
#include "parameters.h"

static enum gate_verdict refuse(struct exchange *exchange, enum problem problem)
{
    answer_problem(exchange, problem);
    return GATE_ANSWERED;
}

static enum gate_verdict gate_route(struct exchange *exchange)
{
    const struct shared *shared = exchange->engine->shared;
    exchange->body_max = (size_t)shared->settings->body_max;
    if (exchange->head.method == METHOD_COUNT)
        return refuse(exchange, PROBLEM_method_not_implemented);

    switch (contract_route(shared->contract, exchange->head.method, exchange->head.path, &exchange->route)) {
    case ROUTE_NO_PATH:
        return refuse(exchange, PROBLEM_not_found);
    case ROUTE_NO_METHOD:
        if (exchange->head.method == METHOD_OPTIONS)
            answer_options(exchange);
        else
            answer_problem(exchange, PROBLEM_method_not_allowed);
        return GATE_ANSWERED;
    case ROUTE_FOUND:
        break;
    }
    exchange->request.operation = exchange->route.operation;
    exchange->is_streamed = operation_is_streamed(exchange->route.operation);
    if (exchange->is_streamed)
        exchange->body_max = (size_t)shared->settings->upload_max;
    if (exchange->route.operation->body_max)
        exchange->body_max = exchange->route.operation->body_max;
    return GATE_PASS;
}

static enum gate_verdict gate_ready_answer(struct exchange *exchange)
{
    struct cached cached;
    if (!answer_is_cacheable(exchange))
        return GATE_PASS;
    struct cache_key key = {exchange->head.path, exchange->head.query};
    struct cache_now now = {exchange->request.received_us, exchange->started_mono_us};
    if (!cache_find(exchange->engine->shared->cache, key, now, &cached))
        return GATE_PASS;
    answer_from_cache(exchange, &cached);
    return GATE_ANSWERED;
}

static enum gate_verdict gate_path(struct exchange *exchange)
{
    return parameters_read_path(exchange) ? GATE_PASS : refuse(exchange, PROBLEM_not_found);
}

static enum gate_verdict gate_precondition(struct exchange *exchange)
{
    const struct operation *operation = exchange->request.operation;
    int index = parameters_find(operation, IN_HEADER, SLICE("If-Match"));
    if (index < 0 || !operation->parameters[index].is_required ||
        exchange->head.header(exchange, "If-Match").data)
        return GATE_PASS;
    return refuse(exchange, PROBLEM_precondition_required);
}

static enum gate_verdict gate_size(struct exchange *exchange)
{
    if (exchange->head.content_length <= (int64_t)exchange->body_max)
        return GATE_PASS;
    exchange->answer.is_closing = true;
    return refuse(exchange, PROBLEM_body_too_large);
}

/* Of a chunked body the size is known only now. */
static enum gate_verdict gate_size_read(struct exchange *exchange)
{
    if (!exchange->is_body_too_large)
        return GATE_PASS;
    exchange->answer.is_closing = true;
    return refuse(exchange, PROBLEM_body_too_large);
}

void gate_handle(struct exchange *exchange)
{
    struct request *req = &exchange->request;
    answer_reply(exchange, exchange->engine->shared->handlers[req->operation->index](req));
}

static enum gate_verdict gate_handler(struct exchange *exchange)
{
    struct request *req = &exchange->request;
    req->language = language_choose(exchange->head.header(exchange, "Accept-Language"));
    gate_handle(exchange);
    return exchange->is_answered ? GATE_ANSWERED : GATE_WAITS;
}

static enum gate_verdict (*const steps[])(struct exchange *exchange) = {
    gate_route, /* 404, 405 */
#define STEP_RATE 1
    gate_rate,         /* 429 */
    gate_ready_answer, /* 200 from the cache */
    gate_path,         /* 404: nothing can be there */
    gate_who,          /* 401 */
    gate_may,          /* 403, 404: no such organisation */
    gate_precondition, /* 428 */
    gate_size,         /* 413 */
    gate_media_type,   /* 415, 400: no body wanted */
    gate_upload,       /* 422, 503, 507: a body of bytes */
#define STEP_BODY 10   /* from here on the body must be there */
    gate_size_read,    /* 413 */
    gate_syntax,       /* 400 */
    gate_schema,       /* 422, every fault at once; 400: no cursor of ours */
    gate_keep,         /* 415, 507: a body of bytes */
    gate_handler,
};

static enum gate_verdict walk(struct exchange *exchange, unsigned end)
{
    enum gate_verdict verdict = GATE_PASS;
    while (verdict == GATE_PASS && exchange->step < end) {
        verdict = steps[exchange->step](exchange);
        if (verdict == GATE_PASS)
            exchange->step++;
    }
    return verdict;
}

enum gate_verdict gate_head(struct exchange *exchange)
{
    return walk(exchange, STEP_BODY);
}

/* When the database has said whose key it is, the rate of that key is what counts: back to that step. */
void gate_go_on(struct exchange *exchange)
{
    if (walk(exchange, ARRAY_LEN(steps)) != GATE_ASKS)
        return;
    exchange->step = STEP_RATE;
    gate_ask_key(exchange);
}

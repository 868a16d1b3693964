/* The part of the gate that reads what was sent: media type, JSON, and the contract's schemas over query,
 * headers and body together, so that a client learns of every fault at once. */
#include "answer.h"
#include "engine.h"
#include "gate.h"
#include "language.h"
#include "parameters.h"

#include "base/json.h"

#include <stdlib.h>
#include <strings.h>

static enum gate_verdict refuse(struct exchange *exchange, const struct refusal *refusal)
{
    answer_refusal(exchange, refusal);
    return GATE_ANSWERED;
}

/* --- media type -------------------------------------------------------------------------------- */

/* The wanted type, whatever its case, alone or with charset=utf-8 behind it. */
static bool is_media_type(struct slice value, const char *wanted)
{
    static const char charset[] = "charset=utf-8";
    size_t len = strlen(wanted);
    if (value.len < len || strncasecmp(value.data, wanted, len) != 0)
        return false;
    const char *at = value.data + len, *end = value.data + value.len;
    while (at < end && (*at == ' ' || *at == ';'))
        at++;
    size_t left = (size_t)(end - at);
    if (left == 0)
        return true;
    return at > value.data + len && left == sizeof charset - 1 && strncasecmp(at, charset, left) == 0;
}

enum gate_verdict gate_media_type(struct exchange *exchange)
{
    const struct operation *operation = exchange->request.operation;
    if (!exchange->head.has_body)
        return GATE_PASS;
    if (!operation->body_media_type)
        return refuse(exchange,
                      &(struct refusal){.problem = PROBLEM_bad_request,
                                        .persian = "این نشانی بدنه نمی‌پذیرد.",
                                        .english = "This operation takes no body."});
    if (is_media_type(exchange->head.header(exchange, "Content-Type"), operation->body_media_type))
        return GATE_PASS;
    const char *expected =
        arena_printf(&exchange->request.arena, "\"expected\":\"%s\"", operation->body_media_type);
    return refuse(exchange, &(struct refusal){.problem = PROBLEM_unsupported_media_type,
                                              .extension = slice_of(expected)});
}

/* --- syntax ------------------------------------------------------------------------------------ */

static const struct {
    enum problem problem;
    const char *persian, *english;
} verdict_rows[] = {
    [JSON_NOT_UTF8] = {PROBLEM_malformed_json, "متن UTF-8 درست نیست (بایت %zu).",
                       "Not valid UTF-8 (byte %zu)."},
    [JSON_TOO_DEEP] = {PROBLEM_json_too_complex, "بیش از اندازه تودرتوست (بایت %zu).",
                       "Nested too deeply (byte %zu)."},
    [JSON_TOO_MANY_NODES] = {PROBLEM_json_too_complex, "بیش از اندازه مقدار دارد (بایت %zu).",
                             "Too many values (byte %zu)."},
    [JSON_DUPLICATE_MEMBER] = {PROBLEM_malformed_json, "عضوی بیش از یک بار آمده است (بایت %zu).",
                               "A member is given twice (byte %zu)."},
    [JSON_MALFORMED] = {PROBLEM_malformed_json, "نحو JSON درست نیست (بایت %zu).", "Not JSON (byte %zu)."},
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the formats are the constants above */
static const char *at_byte(struct arena *arena, const char *format, size_t offset)
{
    return arena_printf(arena, format, offset);
}
#pragma GCC diagnostic pop

static enum gate_verdict refuse_syntax(struct exchange *exchange, enum json_verdict verdict, size_t offset)
{
    struct arena *arena = &exchange->request.arena;
    return refuse(exchange, &(struct refusal){
                                .problem = verdict_rows[verdict].problem,
                                .persian = at_byte(arena, verdict_rows[verdict].persian, offset),
                                .english = at_byte(arena, verdict_rows[verdict].english, offset),
                            });
}

enum gate_verdict gate_syntax(struct exchange *exchange)
{
    const struct operation *operation = exchange->request.operation;
    const struct settings *settings = exchange->engine->shared->settings;
    struct request *req = &exchange->request;
    if (!operation->body) { /* none is wanted, or it is bytes */
        req->body_text = SLICE("");
        return GATE_PASS;
    }
    if (exchange->body.len == 0 && !operation->is_body_required)
        return GATE_PASS;

    struct json_limits limits = {(size_t)settings->json_depth, (size_t)settings->json_nodes};
    size_t offset = 0;
    enum json_verdict verdict = json_read(buffer_view(&exchange->body), limits, &req->body, &offset);
    if (verdict != JSON_FINE)
        return refuse_syntax(exchange, verdict, offset);
    json_keep(&req->arena, req->body);
    req->body_text = buffer_view(&exchange->body);
    return GATE_PASS;
}

/* --- schema ------------------------------------------------------------------------------------ */

/* Defaults were filled in, or strings brought to NFC: what the database gets is what was validated. */
static void rewrite_body(struct request *req)
{
    req->body_text = json_text(&req->arena, req->body);
}

/* False when the client's cursor is none that we wrote for this list. */
static bool read_cursor(struct exchange *exchange)
{
    int index = parameters_find(exchange->request.operation, IN_QUERY, SLICE("cursor"));
    if (index < 0 || !exchange->parameters[index])
        return true;
    const json_t *value = exchange->parameters[index];
    struct slice text = {json_string_value(value), json_string_length(value)};
    struct slice scope = parameters_scope(exchange, &exchange->request.arena);
    exchange->has_cursor = cursor_read(&exchange->engine->shared->cursor_key, scope, text, &exchange->cursor);
    return exchange->has_cursor;
}

enum gate_verdict gate_schema(struct exchange *exchange)
{
    struct request *req = &exchange->request;
    struct faults faults;
    if (exchange->has_parameters) /* read before a body of bytes was taken */
        return GATE_PASS;
    faults_init(&faults, &req->arena, (size_t)exchange->engine->shared->settings->faults_max);

    parameters_read_rest(exchange, &faults);
    bool is_changed = req->body && schema_validate(req->operation->body, req->body, SCHEMA_REQUEST,
                                                   FAULT_IN_BODY, "", &faults);
    if (faults.total > 0)
        return refuse(exchange, &(struct refusal){.problem = PROBLEM_validation_failed, .faults = &faults});
    if (is_changed)
        rewrite_body(req);
    if (!read_cursor(exchange))
        return refuse(exchange, &(struct refusal){.problem = PROBLEM_invalid_cursor});
    exchange->has_parameters = true;
    return GATE_PASS;
}

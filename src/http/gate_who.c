/* The part of the gate that asks who it is: the bearer's key or token, the rate that goes by it, what its
 * roles allow. What is remembered of keys is in keys.c, tokens of citizens are judged in identity.c, how
 * rates are kept is in ratelimit.c. */
#include "answer.h"
#include "engine.h"
#include "gate.h"
#include "parameters.h"
#include "statement.h"
#include "statements.h"

#include <strings.h>

#define BEARER_MAX 8192 /* a token is longer than a key */

static enum gate_verdict refuse(struct exchange *exchange, enum problem problem)
{
    answer_problem(exchange, problem);
    return GATE_ANSWERED;
}

/* --- the key ----------------------------------------------------------------------------------- */

/* "Bearer <key>"; an empty slice for anything else. */
static struct slice bearer_key(struct slice authorization)
{
    static const char scheme[] = "Bearer ";
    size_t len = sizeof scheme - 1;
    if (authorization.len <= len || authorization.len > len + BEARER_MAX ||
        strncasecmp(authorization.data, scheme, len) != 0)
        return (struct slice){"", 0};
    return (struct slice){authorization.data + len, authorization.len - len};
}

static enum key_state recognise_citizen(struct exchange *exchange, struct slice token)
{
    struct request *req = &exchange->request;
    static const enum key_state states[] = {
        [IDENTITY_OK] = KEY_CITIZEN, [IDENTITY_REFUSED] = KEY_REFUSED, [IDENTITY_NO_KEYS] = KEY_UNJUDGED};
    return states[identity_check(exchange->engine->shared->identity, token, req->received_us, &req->arena,
                                 &req->identity)];
}

static void recognise(struct exchange *exchange)
{
    struct bearer *bearer = &exchange->bearer;
    struct slice authorization = exchange->head.header(exchange, "Authorization");
    if (bearer->state != KEY_NONE || !authorization.data)
        return;
    struct slice key = bearer_key(authorization);
    if (key.len == 0) {
        bearer->state = KEY_REFUSED;
        return;
    }
    if (identity_is_token(exchange->engine->shared->identity, key)) {
        bearer->state = recognise_citizen(exchange, key);
        return;
    }
    crypto_sha256(key, bearer->hash);
    bearer->state = key_cache_find(exchange->engine->shared->keys, bearer->hash, &exchange->request.arena,
                                   &exchange->principal);
}

static bool read_roles(struct slice text, struct arena *arena, struct principal *principal)
{
    json_t *roles = json_loadb(text.data, text.len, 0, NULL), *role;
    size_t i;
    json_array_foreach (roles, i, role) {
        if (json_is_string(role) && principal->role_count < PRINCIPAL_ROLES_MAX)
            principal->roles[principal->role_count++] = arena_strdup(arena, json_string_value(role));
    }
    json_decref(roles);
    return principal->role_count > 0;
}

static void learn_key(struct exchange *exchange, const struct rows *rows)
{
    struct bearer *bearer = &exchange->bearer;
    struct principal *principal = &exchange->principal;
    int64_t expires_us = INT64_MAX;

    *principal = (struct principal){0};
    bearer->state = KEY_REFUSED;
    if (rows_count(rows) == 1) {
        int org = rows_column(rows, "org_id"), expires = rows_column(rows, "expires_at");
        principal->key_id = rows_uuid(rows, 0, rows_column(rows, "id"));
        principal->is_any_org = rows_is_null(rows, 0, org);
        if (!principal->is_any_org)
            principal->org_id = rows_uuid(rows, 0, org);
        if (!rows_is_null(rows, 0, expires))
            expires_us = rows_instant_us(rows, 0, expires);
        if (read_roles(rows_text(rows, 0, rows_column(rows, "roles")), &exchange->request.arena, principal))
            bearer->state = KEY_KNOWN;
    }
    key_cache_put(exchange->engine->shared->keys, bearer->hash, bearer->state == KEY_KNOWN ? principal : NULL,
                  expires_us, bearer->generation);
}

static void key_answered(struct exchange *exchange, enum db_outcome outcome, const struct rows *rows)
{
    if (outcome != DB_OK) {
        statement_failed(exchange, outcome);
        return;
    }
    learn_key(exchange, rows);
    gate_go_on(exchange);
}

void gate_ask_key(struct exchange *exchange)
{
    exchange->bearer.generation = key_cache_generation(exchange->engine->shared->keys);
    struct param hash = as_bytes(exchange->bearer.hash, sizeof exchange->bearer.hash);
    statement_ask(exchange, SQL_KEY_FIND, &hash, 1, key_answered);
}

/* --- the rate ---------------------------------------------------------------------------------- */

/* By what a request is limited: its key if it is a good one; refused keys, and staff operations without any,
 * by the address under a rate of their own; tracking codes always by the address. */
static enum rate rate_of(const struct exchange *exchange)
{
    enum rate class = (enum rate)exchange->request.operation->rate;
    enum key_state state = exchange->bearer.state;
    if (state == KEY_REFUSED || state == KEY_UNSEEN)
        return RATE_DENIED;
    if (class == RATE_TRACK)
        return RATE_TRACK;
    if (state == KEY_KNOWN)
        return RATE_STAFF;
    return class == RATE_STAFF ? RATE_DENIED : class;
}

static struct rate_verdict take_rate(struct exchange *exchange, enum rate rate)
{
    struct ratelimit *limits = exchange->engine->shared->limits;
    int64_t now_us = clock_mono_us();
    struct slice key = {(const char *)exchange->principal.key_id.bytes,
                        sizeof exchange->principal.key_id.bytes};
    struct slice who = rate == RATE_STAFF ? key : ratelimit_network(exchange->head.address);

    if (exchange->bearer.state == KEY_UNSEEN) /* taken when the database has refused it */
        return ratelimit_look(limits, rate, who, now_us);
    struct rate_verdict verdict = ratelimit_take(limits, rate, who, now_us);
    if (verdict.is_allowed && rate == RATE_TRACK)
        verdict = ratelimit_take(limits, RATE_TRACK_ALL, (struct slice){"", 0}, now_us);
    return verdict;
}

enum gate_verdict gate_rate(struct exchange *exchange)
{
    recognise(exchange);
    enum rate rate = rate_of(exchange);
    struct rate_verdict verdict = take_rate(exchange, rate);
    bool is_told = rate == RATE_STAFF || rate == RATE_SUBMIT || rate == RATE_VOTE || !verdict.is_allowed;

    exchange->rate = is_told ? verdict : (struct rate_verdict){0};
    if (verdict.is_allowed)
        return GATE_PASS;
    metrics_count(exchange->engine->shared->metrics, METRIC_RATE_LIMITED);
    return refuse(exchange, PROBLEM_too_many_requests);
}

/* --- who, and may they ------------------------------------------------------------------------- */

enum gate_verdict gate_who(struct exchange *exchange)
{
    switch (exchange->bearer.state) {
    case KEY_UNSEEN:
        return GATE_ASKS;
    case KEY_REFUSED:
        metrics_count(exchange->engine->shared->metrics, METRIC_KEYS_REFUSED);
        return refuse(exchange, PROBLEM_unauthorized);
    case KEY_NONE:
        return exchange->request.operation->is_public ? GATE_PASS : refuse(exchange, PROBLEM_unauthorized);
    case KEY_UNJUDGED:
        return refuse(exchange, PROBLEM_unavailable);
    case KEY_CITIZEN:
        return exchange->request.operation->is_for_citizens ? GATE_PASS : refuse(exchange, PROBLEM_forbidden);
    case KEY_KNOWN:
        break;
    }
    exchange->request.who = &exchange->principal;
    return GATE_PASS;
}

/* False when the path names an organisation that there is not. */
static bool find_org(struct exchange *exchange)
{
    struct request *req = &exchange->request;
    int index = parameters_find(req->operation, IN_PATH, SLICE("org"));
    if (index < 0)
        return true;
    exchange->registry = registry_current(exchange->engine->shared->registry);
    req->org = registry_find(exchange->registry, slice_of(json_string_value(exchange->parameters[index])));
    return req->org != NULL;
}

enum gate_verdict gate_may(struct exchange *exchange)
{
    struct request *req = &exchange->request;
    if (!find_org(exchange))
        return refuse(exchange, PROBLEM_not_found);
    if (!req->who)
        return GATE_PASS;
    bool is_ours = req->org && (req->who->is_any_org || uuid_equal(req->who->org_id, req->org->id));
    if (is_ours)
        req->permissions = org_permissions(req->org, req->who->roles, req->who->role_count);
    uint64_t wanted = req->operation->permissions;
    bool may = req->operation->is_public || ((req->permissions & wanted) == wanted && (is_ours || !req->org));
    return may ? GATE_PASS : refuse(exchange, PROBLEM_forbidden);
}

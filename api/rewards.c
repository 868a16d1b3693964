/* Rewards for suggestions. A sum is split by shares here (domain/shares.h), from what reward_basis reads; that
 * nobody gets more than was decided is kept by the database. */
#include "cases.h"

#include "base/buffer.h"
#include "domain/shares.h"

/* The parts of `amount` by the shares of the row, as a JSON array; "[]" without shares. */
static struct slice parts_of(struct request *req, const struct rows *rows, int64_t amount)
{
    int shares[SHARES_MAX] = {0};
    int64_t parts[SHARES_MAX];
    json_t *array = rows_json(&req->arena, rows, 0, "shares"), *share;
    size_t i, count = json_array_size(array);
    json_array_foreach (array, i, share)
        shares[i] = (int)json_integer_value(share);
    if (count > 0)
        shares_split(amount, shares, count, parts);

    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 4096);
    buffer_char(&out, '[');
    for (i = 0; i < count; i++)
        buffer_printf(&out, "%s%lld", i > 0 ? "," : "", (long long)parts[i]);
    buffer_char(&out, ']');
    return arena_slice(&req->arena, buffer_view(&out));
}

/* The amount of the body; without one what was proposed, or nothing. */
static int64_t amount_of(const struct request *req, const struct rows *rows)
{
    const json_t *amount = json_object_get(req->body, "amount");
    int proposed = rows_column(rows, "proposed");
    if (amount)
        return json_integer_value(amount);
    return rows_is_null(rows, 0, proposed) ? 0 : rows_int(rows, 0, proposed);
}

/* The reward after what a write did. */
static struct reply then_show(struct request *req, const struct rows *rows)
{
    struct uuid reward = rows_uuid(rows, 0, rows_column(rows, "reward"));
    return found(req, SQL_REWARD_GET, as_org(req), request_param(req, "id"), as_uuid(reward));
}

static struct reply then_show_new(struct request *req, const struct rows *rows)
{
    struct reply reply = then_show(req, rows);
    reply.status = 201;
    return reply;
}

struct reply reward_list(struct request *req)
{
    return listed_under(req, SQL_REWARD_LIST, as_org(req), request_param(req, "id"), as_confidential(req));
}

struct reply reward_years(struct request *req)
{
    return listed(req, SQL_REWARD_YEARS, as_org(req));
}

/* --- proposed ---------------------------------------------------------------------------------- */

static struct reply then_propose(struct request *req, const struct rows *rows)
{
    struct slice shares = arena_slice(&req->arena, rows_text(rows, 0, rows_column(rows, "shares")));
    struct reply reply =
        created(req, SQL_REWARD_PROPOSE, as_uuid(request_new_id(req)), as_org(req), request_param(req, "id"),
                as_body(req), as_now(req), as_actor(req), as_request_digest(req), as_json(shares),
                as_json(parts_of(req, rows, amount_of(req, rows))));
    reply.then = then_show_new;
    return reply;
}

struct reply reward_propose(struct request *req)
{
    struct reply reply =
        found(req, SQL_REWARD_BASIS, as_org(req), request_param(req, "id"), as_null(), as_confidential(req));
    reply.then = then_propose;
    return reply;
}

/* --- decided ----------------------------------------------------------------------------------- */

static struct reply then_decide(struct request *req, const struct rows *rows)
{
    struct reply reply =
        changed(req, SQL_REWARD_DECIDE, as_uuid(request_new_id(req)), as_org(req), request_param(req, "id"),
                request_param(req, "reward"), as_body(req), as_now(req), as_actor(req),
                as_request_digest(req), as_json(parts_of(req, rows, amount_of(req, rows))));
    reply.then = then_show;
    return reply;
}

struct reply reward_decide(struct request *req)
{
    struct reply reply = found(req, SQL_REWARD_BASIS, as_org(req), request_param(req, "id"),
                               request_param(req, "reward"), as_confidential(req));
    reply.then = then_decide;
    return reply;
}

/* --- paid, and taken back ---------------------------------------------------------------------- */

struct reply reward_pay(struct request *req)
{
    struct reply reply = changed(req, SQL_REWARD_PAY, as_uuid(request_new_id(req)), as_org(req),
                                 request_param(req, "id"), request_param(req, "reward"), as_body(req),
                                 as_now(req), as_actor(req), as_request_digest(req), as_confidential(req));
    reply.then = then_show;
    return reply;
}

/* The kinds of entries that the caller makes, and so may take back. */
static struct param as_kinds(struct request *req)
{
    static const struct {
        enum permission permission;
        const char *kind;
    } makers[] = {{PERMISSION_COMMITTEE_DECIDE, "proposed"},
                  {PERMISSION_REWARD_DECIDE, "decided"},
                  {PERMISSION_REWARD_PAY, "paid"}};
    struct slice *kinds = arena_alloc_array(&req->arena, ARRAY_LEN(makers), sizeof *kinds);
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(makers); i++)
        if (request_may(req, makers[i].permission))
            kinds[count++] = slice_of(makers[i].kind);
    return as_texts(kinds, count);
}

struct reply reward_reverse(struct request *req)
{
    struct param kinds = as_kinds(req);
    if (kinds.texts.count == 0)
        return refused(forbidden);
    struct reply reply =
        changed(req, SQL_REWARD_REVERSE, as_uuid(request_new_id(req)), as_org(req), request_param(req, "id"),
                request_param(req, "reward"), request_param(req, "entry"), as_body(req), as_now(req),
                as_actor(req), as_request_digest(req), kinds, as_confidential(req));
    reply.then = then_show;
    return reply;
}

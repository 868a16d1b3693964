/* Answers that show a case: the row, and the deadline explained day by day from the calendar in memory. */
#include "cases.h"

#define BODY_MAX ((size_t)16 * 1024 * 1024)

/* The days from day zero to the stored due date. A pause, or a calendar that changed, makes them more or
 * fewer than the promise; where the stored date is none of today's calendar, the promise itself is explained.
 */
static bool explain(struct request *req, const struct case_basis *basis, struct deadline *ret)
{
    const struct calendar *calendar = basis->org->calendar;
    int days = working_days_between(calendar, basis->county, basis->received_on, basis->due_on);
    if (days < 1)
        days = basis->working_days;
    return deadline_after(calendar, basis->county, basis->received_on, days, &req->arena, ret) == DEADLINE_OK;
}

static void write_deadline(struct request *req, const struct case_basis *basis, struct buffer *out)
{
    struct deadline deadline;
    buffer_str(out, "\"deadline\":");
    if (!basis->org || !basis->working_days || !explain(req, basis, &deadline)) {
        buffer_str(out, "null");
        return;
    }
    deadline.due_on = basis->due_on;
    deadline.due_at_us = deadline_end_of_day(basis->due_on);
    deadline_object_write(out, basis->received_on, basis->working_days, &deadline);
}

struct slice case_object(struct request *req, const struct org *org, const struct rows *rows,
                         const char *more)
{
    CLEANUP(buffer_done) struct buffer out;
    struct case_basis basis;

    buffer_init(&out, BODY_MAX);
    rows_write_object(rows, 0, &out);
    out.len--; /* the closing brace */
    buffer_char(&out, ',');
    case_promise_read(req, org, rows, &basis);
    write_deadline(req, &basis, &out);
    buffer_str(&out, more);
    buffer_char(&out, '}');
    if (out.overflow)
        return (struct slice){0};
    return arena_slice(&req->arena, buffer_view(&out));
}

struct reply case_reply(struct request *req, const struct org *org, const struct rows *rows, const char *more)
{
    struct slice tag = rows_text(rows, 0, rows_column(rows, "_etag")),
                 body = case_object(req, org, rows, more);
    if (!body.data)
        return refused(internal_error);

    struct reply reply = reply_bytes(200, JSON_TYPE, body);
    reply.etag = tag.data ? arena_copy(&req->arena, tag.data, tag.len) : NULL;
    return reply;
}

/* --- to staff ---------------------------------------------------------------------------------- */

static struct reply get(struct request *req)
{
    const struct case_door *door = case_door_of(req);
    return found(req, SQL_CASE_GET, as_org(req), as_case_kind(door), request_param(req, "id"), as_now(req),
                 as_permitted(req, door->thing), as_confidential(req));
}

static struct reply then_write(struct request *req, const struct rows *rows)
{
    return case_reply(req, req->org, rows, "");
}

struct reply case_show(struct request *req, const struct rows *rows)
{
    (void)rows;
    struct reply reply = get(req);
    reply.then = then_write;
    return reply;
}

/* What is confidential is shown only once the reading is on record. */
static struct reply then_record(struct request *req, const struct rows *rows)
{
    if (!rows_bool(rows, 0, rows_column(rows, "confidential")))
        return then_write(req, rows);
    struct reply reply = changed(req, SQL_CASE_READING, as_uuid(request_new_id(req)), as_org(req),
                                 request_param(req, "id"), as_now(req), as_actor(req));
    reply.then = case_show;
    return reply;
}

struct reply case_get(struct request *req)
{
    struct reply reply = get(req);
    reply.then = then_record;
    return reply;
}

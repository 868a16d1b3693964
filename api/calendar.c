/* Working days: what staff enter, and what follows from it. Days and deadlines are computed from the
 * organisation's calendar in memory, without the database. */
#include "handlers.h"

#include "base/buffer.h"
#include "calendar_ics.h"
#include "domain/deadline.h"

#define RANGE_DAYS_MOST    400
#define RANGE_DAYS_DEFAULT 31

/* A date parameter (the contract checked its form), or `fallback` in days since 1970. */
static int64_t days_of(const struct request *req, const char *name, int64_t fallback)
{
    struct date date;
    struct slice text = request_text(req, name);
    return text.data && date_parse(text, &date) ? date_to_days(date) : fallback;
}

static const char *county_of(struct request *req, struct slice county)
{
    return county.data && county.len ? arena_copy(&req->arena, county.data, county.len) : NULL;
}

static void write_date(struct buffer *out, const char *key, struct date date)
{
    char text[CLOCK_TEXT_MAX];
    date_format(date, text);
    buffer_printf(out, "\"%s\":\"%s\"", key, text);
}

/* Both dates: {"<key>": ..., "<key>_jalali": ...}, without the braces. */
static void write_date_twins(struct buffer *out, const char *key, struct date date)
{
    char jalali[CLOCK_TEXT_MAX];
    write_date(out, key, date);
    date_format(jalali_from_gregorian(date), jalali);
    buffer_printf(out, ",\"%s_jalali\":\"%s\"", key, jalali);
}

static void write_day(struct buffer *out, const struct calendar *calendar, struct date date,
                      const char *county)
{
    struct calendar_why why;
    bool is_working = calendar_day(calendar, date, county, &why);
    buffer_char(out, '{');
    write_date_twins(out, "date", date);
    buffer_printf(out, ",\"weekday\":\"%s\",\"is_working\":%s,\"why\":", weekday_names[weekday_of(date)],
                  is_working ? "true" : "false");
    calendar_write_why(out, why);
    buffer_char(out, '}');
}

struct reply calendar_get(struct request *req)
{
    int64_t today = date_to_days(clock_local(req->received_us).date);
    int64_t from = days_of(req, "from", today);
    int64_t last = date_to_days(CALENDAR_FOREVER), month_end = from + RANGE_DAYS_DEFAULT - 1;
    int64_t to = days_of(req, "to", month_end < last ? month_end : last);
    const char *county = county_of(req, request_text(req, "county"));
    if (to < from || to - from >= RANGE_DAYS_MOST)
        return refused(range_too_long);

    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 512 * 1024);
    buffer_char(&out, '{');
    write_date_twins(&out, "from", date_from_days(from));
    buffer_char(&out, ',');
    write_date_twins(&out, "to", date_from_days(to));
    buffer_str(&out, ",\"days\":[");
    for (int64_t day = from; day <= to; day++) {
        if (day > from)
            buffer_char(&out, ',');
        write_day(&out, req->org->calendar, date_from_days(day), county);
    }
    buffer_str(&out, "]}");
    return reply_bytes(200, JSON_TYPE, arena_slice(&req->arena, buffer_view(&out)));
}

struct reply calendar_ics_get(struct request *req)
{
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 1024 * 1024);
    calendar_write_ics(&out, req->org->slug, req->org->calendar, county_of(req, request_text(req, "county")),
                       req->received_us);
    return reply_bytes(200, "text/calendar; charset=utf-8", arena_slice(&req->arena, buffer_view(&out)));
}

void deadline_object_write(struct buffer *out, struct date received_on, int working_days,
                           const struct deadline *deadline)
{
    char at[CLOCK_TEXT_MAX];
    clock_format(deadline->due_at_us, at);
    buffer_char(out, '{');
    write_date_twins(out, "received_on", received_on);
    buffer_printf(out, ",\"working_days\":%d,", working_days);
    write_date_twins(out, "due_on", deadline->due_on);
    buffer_printf(out, ",\"due_at\":\"%s\",\"explanation\":", at);
    deadline_write_days(out, deadline);
    buffer_char(out, '}');
}

struct reply deadline_compute(struct request *req)
{
    struct date received_on;
    struct deadline deadline;
    int working_days = (int)json_integer_value(json_object_get(req->body, "working_days"));
    const char *county = county_of(req, request_member(req, "county"));
    if (!date_parse(request_member(req, "received_on"), &received_on) ||
        deadline_after(req->org->calendar, county, received_on, working_days, &req->arena, &deadline) !=
            DEADLINE_OK)
        return refused(no_working_day);

    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 2 * 1024 * 1024);
    deadline_object_write(&out, received_on, working_days, &deadline);
    return reply_bytes(200, JSON_TYPE, arena_slice(&req->arena, buffer_view(&out)));
}

struct reply calendar_day_list(struct request *req)
{
    return listed(req, SQL_CALENDAR_DAY_LIST, as_org(req), request_param(req, "from"),
                  request_param(req, "to"), as_cursor_at(req), as_cursor_id(req), as_limit(req));
}

struct reply calendar_day_add(struct request *req)
{
    return created(req, SQL_CALENDAR_DAY_ADD, as_uuid(request_new_id(req)), as_org(req), as_body(req),
                   as_now(req), as_actor(req), as_request_digest(req));
}

struct reply calendar_day_remove(struct request *req)
{
    return removed(req, SQL_CALENDAR_DAY_REMOVE, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_now(req), as_actor(req));
}

struct reply calendar_weeks_get(struct request *req)
{
    return found(req, SQL_CALENDAR_WEEKS_GET, as_org(req));
}

struct reply calendar_weeks_set(struct request *req)
{
    return changed(req, SQL_CALENDAR_WEEKS_SET, as_uuid(request_new_id(req)), as_org(req), as_body(req),
                   as_if_match(req), as_now(req), as_actor(req));
}

/* Deadlines follow the calendar. Cases of one organisation that came on one day, under one promise, from one
 * county, have one due date, so it is counted once for all of them: a hundred thousand cases are a few
 * hundred groups.
 *
 * A pass hands over as many groups as make a batch, and recompute_apply takes no more of their cases than
 * one; the calendar counts as seen when none is left. Nothing is lost when the worker dies between: what was
 * not applied still has the old due date. */
#include "jobs.h"

#include "base/log.h"
#include "domain/deadline.h"
#include "domain/policy.h"
#include "statements.h"

#define ARENA_CHUNK 16384
#define BATCH_CASES 20000
#define BATCH_BYTES (1 << 20)

/* What an organisation counts by, on what day. */
struct basis {
    const struct calendar *calendar; /* NULL: it cannot be read, and moves nothing */
    int ladder[LADDER_STEPS_MAX];
    size_t step_count;
    int64_t now_us;
};

/* Cases that share a deadline, as recompute_pass has them. */
struct group {
    struct date received_on, due_on;
    int working_days, paused_days;
    const char *county;
    int64_t cases;
};

static struct date member_date(const json_t *object, const char *name)
{
    struct date date = {0};
    const char *text = json_string_value(json_object_get(object, name));
    if (!text || !date_parse(slice_of(text), &date))
        log_error("recompute.misshapen", log_text("member", name));
    return date;
}

static int64_t member_int(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static struct group group_of(const json_t *item)
{
    return (struct group){
        .received_on = member_date(item, "received_on"),
        .due_on = member_date(item, "due_on"),
        .working_days = (int)member_int(item, "working_days"),
        .paused_days = (int)member_int(item, "paused_days"),
        .county = json_string_value(json_object_get(item, "county")),
        .cases = member_int(item, "cases"),
    };
}

static void basis_read(struct arena *arena, const json_t *document, int64_t now_us, struct basis *ret)
{
    *ret = (struct basis){.now_us = now_us};
    ret->calendar = calendar_parse(arena, json_object_get(document, "calendar"));
    size_t i;
    json_t *offset;
    json_array_foreach (json_object_get(document, "ladder"), i, offset)
        if (ret->step_count < LADDER_STEPS_MAX)
            ret->ladder[ret->step_count++] = (int)json_integer_value(offset);
}

/* False when the deadline stays, also where the calendar has no working day to count. */
static bool group_moves(const struct basis *basis, const struct group *group, struct date *ret)
{
    struct deadline deadline;
    struct date due_on;
    if (deadline_after(basis->calendar, group->county, group->received_on,
                       group->working_days + group->paused_days, NULL, &deadline) != DEADLINE_OK ||
        deadline_recomputed(basis->calendar, group->county, group->due_on, deadline.due_on,
                            clock_local(basis->now_us).date, &due_on) != DEADLINE_OK) {
        log_warn("recompute.no_deadline", log_int("cases", group->cases));
        return false;
    }
    *ret = due_on;
    return date_to_days(due_on) != date_to_days(group->due_on);
}

static void write_date(struct buffer *out, const char *name, struct date date)
{
    char text[CLOCK_TEXT_MAX];
    date_format(date, text);
    buffer_printf(out, "\"%s\":\"%s\",", name, text);
}

/* The ladder's instants. */
static void write_steps(struct buffer *out, const struct basis *basis, const char *county, struct date due_on)
{
    buffer_str(out, "\"new_steps\":[");
    for (size_t i = 0; i < basis->step_count; i++) {
        struct date day;
        if (deadline_step(basis->calendar, county, due_on, basis->ladder[i], &day) != DEADLINE_OK)
            break;
        char text[CLOCK_TEXT_MAX];
        int64_t at_us = deadline_end_of_day(day);
        clock_format(at_us, text);
        buffer_printf(out, "%s\"%s\"", i > 0 ? "," : "", text);
    }
    buffer_char(out, ']');
}

/* As recompute_apply reads it. */
static void write_group(struct buffer *out, const struct basis *basis, const struct group *group,
                        struct date due_on)
{
    char due_at[CLOCK_TEXT_MAX];
    clock_format(deadline_end_of_day(due_on), due_at);
    buffer_printf(out, "%s{\"working_days\":%d,\"paused_days\":%d,\"new_due_at\":\"%s\",",
                  out->len > 1 ? "," : "", group->working_days, group->paused_days, due_at);
    write_date(out, "received_on", group->received_on);
    write_date(out, "due_on", group->due_on);
    write_date(out, "new_due_on", due_on);
    buffer_str(out, "\"county\":");
    if (group->county)
        buffer_json_string(out, slice_of(group->county));
    else
        buffer_str(out, "null");
    buffer_char(out, ',');
    write_steps(out, basis, group->county, due_on);
    buffer_char(out, '}');
}

/* Writes the groups whose deadline moves, up to a batch. True if none is left behind. */
static bool write_moved(struct buffer *out, const struct basis *basis, const json_t *groups)
{
    int64_t cases = 0;
    size_t i;
    json_t *item;
    bool is_last = true;
    buffer_char(out, '[');
    json_array_foreach ((json_t *)groups, i, item) {
        struct group group = group_of(item);
        struct date due_on;
        if (!basis->calendar || !group_moves(basis, &group, &due_on))
            continue;
        is_last = cases < BATCH_CASES && out->len < BATCH_BYTES;
        if (!is_last)
            break;
        write_group(out, basis, &group, due_on);
        cases += group.cases;
    }
    buffer_char(out, ']');
    return is_last;
}

static enum db_outcome apply(struct session *session, const struct rows *rows, struct slice groups,
                             bool is_last, int64_t *done)
{
    const struct param params[] = {
        as_uuid(rows_uuid(rows, 0, rows_column(rows, "org_id"))),
        as_slice(rows_text(rows, 0, rows_column(rows, "digest"))),
        as_json(groups),
        as_bool(is_last),
    };
    struct rows *applied = NULL;
    enum db_outcome outcome = session_run(session, SQL_RECOMPUTE_APPLY, params, ARRAY_LEN(params), &applied);
    if (outcome != DB_OK)
        return outcome;
    int64_t moved = rows_int(applied, 0, rows_column(applied, "done"));
    rows_free(applied);
    *done += moved + 1; /* one for the look itself: another organisation may wait behind this one */
    if (moved > 0)
        log_info("recompute.moved", log_int("cases", moved));
    return DB_OK;
}

enum db_outcome recompute_deadlines(const struct job_context *context, const struct rows *rows, int64_t *done)
{
    if (rows_is_null(rows, 0, rows_column(rows, "org_id")))
        return DB_OK;

    CLEANUP(arena_done) struct arena arena;
    CLEANUP(buffer_done) struct buffer groups;
    arena_init(&arena, ARENA_CHUNK);
    buffer_init(&groups, 2 * BATCH_BYTES);
    struct slice text = rows_text(rows, 0, rows_column(rows, "basis"));
    json_t *document = json_loadb(text.data, text.len, 0, NULL);
    struct basis basis;
    basis_read(&arena, document, rows_instant_us(rows, 0, rows_column(rows, "now")), &basis);
    bool is_last = write_moved(&groups, &basis, json_object_get(document, "groups"));
    json_decref(document);
    return apply(context->session, rows, buffer_view(&groups), is_last, done);
}

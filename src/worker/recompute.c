/* Deadlines follow the calendar. Cases of one organisation that came on one day, under one promise, from one
 * county, have one due date and one ladder, so these are counted once for all of them: a hundred thousand
 * cases are a few hundred groups.
 *
 * The groups that move are handed to recompute_apply, which walks over the open cases a page at a time (one walk
 * is enough but for thousands of groups). Then the job looks once more, and the calendar counts as seen when it
 * finds nothing that moves. Nothing is lost when the worker dies between: what was not applied still has the old
 * due date and steps. */
#include "jobs.h"

#include "base/log.h"
#include "domain/deadline.h"
#include "domain/policy.h"
#include "statements.h"

#define ARENA_CHUNK    16384
#define WALK_BYTES     (1 << 20) /* of groups for one walk */
#define PLACE_TEXT_MAX 24        /* "(4294967295,65535)" */

/* What an organisation counts by, on what day. */
struct basis {
    const struct calendar *calendar; /* NULL: it cannot be read, and moves nothing */
    int ladder[LADDER_STEPS_MAX];
    size_t step_count;
    int64_t now_us;
};

/* When a case is due, and when the steps of the ladder are. */
struct terms {
    struct date due_on;
    int64_t steps[LADDER_STEPS_MAX];
    size_t step_count;
};

/* Cases that share their terms, as recompute_pass has them. */
struct group {
    struct date counted_from;
    int counted_days;
    const char *county;
    struct terms terms;
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

static void add_step(struct terms *terms, int64_t at_us)
{
    if (terms->step_count < LADDER_STEPS_MAX)
        terms->steps[terms->step_count++] = at_us;
}

static struct group group_of(const json_t *item)
{
    struct group group = {
        .counted_from = member_date(item, "counted_from"),
        .counted_days = (int)member_int(item, "counted_days"),
        .county = json_string_value(json_object_get(item, "county")),
        .terms.due_on = member_date(item, "due_on"),
        .cases = member_int(item, "cases"),
    };
    size_t i;
    json_t *step;
    json_array_foreach (json_object_get(item, "steps"), i, step) {
        int64_t at_us;
        if (clock_parse(slice_of(json_string_value(step)), &at_us))
            add_step(&group.terms, at_us);
    }
    return group;
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

static bool terms_equal(const struct terms *a, const struct terms *b)
{
    return date_to_days(a->due_on) == date_to_days(b->due_on) && a->step_count == b->step_count &&
           memcmp(a->steps, b->steps, a->step_count * sizeof a->steps[0]) == 0;
}

/* False when all stays, also where the calendar has no working day to count. */
static bool group_moves(const struct basis *basis, const struct group *group, struct terms *ret)
{
    struct deadline deadline;
    struct terms terms = {0};
    if (deadline_after(basis->calendar, group->county, group->counted_from, group->counted_days, NULL,
                       &deadline) != DEADLINE_OK ||
        deadline_recomputed(basis->calendar, group->county, group->terms.due_on, deadline.due_on,
                            clock_local(basis->now_us).date, &terms.due_on) != DEADLINE_OK) {
        log_warn("recompute.no_deadline", log_int("cases", group->cases));
        return false;
    }
    for (size_t i = 0; i < basis->step_count; i++) {
        struct date day;
        if (deadline_step(basis->calendar, group->county, terms.due_on, basis->ladder[i], &day) !=
            DEADLINE_OK)
            break;
        add_step(&terms, deadline_end_of_day(day));
    }
    *ret = terms;
    return !terms_equal(&terms, &group->terms);
}

static void write_date(struct buffer *out, const char *name, struct date date)
{
    char text[CLOCK_TEXT_MAX];
    date_format(date, text);
    buffer_printf(out, "\"%s\":\"%s\",", name, text);
}

/* Under names that begin with `prefix`. */
static void write_terms(struct buffer *out, const char *prefix, const struct terms *terms)
{
    char text[CLOCK_TEXT_MAX];
    date_format(terms->due_on, text);
    buffer_printf(out, "\"%sdue_on\":\"%s\",", prefix, text);
    clock_format(deadline_end_of_day(terms->due_on), text);
    buffer_printf(out, "\"%sdue_at\":\"%s\",\"%ssteps\":[", prefix, text, prefix);
    for (size_t i = 0; i < terms->step_count; i++) {
        clock_format(terms->steps[i], text);
        buffer_printf(out, "%s\"%s\"", i > 0 ? "," : "", text);
    }
    buffer_char(out, ']');
}

/* As recompute_apply reads it. */
static void write_group(struct buffer *out, const struct group *group, const struct terms *moved)
{
    buffer_printf(out, "%s{\"counted_days\":%d,\"county\":", out->len > 1 ? "," : "", group->counted_days);
    if (group->county)
        buffer_json_string(out, slice_of(group->county));
    else
        buffer_str(out, "null");
    buffer_char(out, ',');
    write_date(out, "counted_from", group->counted_from);
    write_terms(out, "", &group->terms);
    buffer_char(out, ',');
    write_terms(out, "new_", moved);
    buffer_char(out, '}');
}

/* Writes the groups from `*at` on that move, as many as one walk takes; `*at` is then behind the last of them. */
static void write_moved(struct buffer *out, const struct basis *basis, const json_t *groups, size_t *at)
{
    buffer_clear(out);
    buffer_char(out, '[');
    for (; *at < json_array_size(groups) && out->len < WALK_BYTES; (*at)++) {
        struct group group = group_of(json_array_get(groups, *at));
        struct terms moved;
        if (basis->calendar && group_moves(basis, &group, &moved))
            write_group(out, &group, &moved);
    }
    buffer_char(out, ']');
}

/* Page after page of the open cases, each a transaction of its own, and the other jobs between them. */
static enum db_outcome walk(const struct job_context *context, const struct rows *rows, struct slice groups,
                            int64_t *done)
{
    char place[PLACE_TEXT_MAX] = "(0,0)";
    struct param params[] = {
        as_uuid(rows_uuid(rows, 0, rows_column(rows, "org_id"))),
        as_json(groups),
        as_text(place),
    };
    bool is_full = true;
    while (is_full) {
        struct rows *applied = NULL;
        enum db_outcome outcome =
            session_run(context->session, SQL_RECOMPUTE_APPLY, params, ARRAY_LEN(params), &applied);
        if (outcome != DB_OK)
            return outcome;
        *done += rows_int(applied, 0, rows_column(applied, "done"));
        is_full = rows_bool(applied, 0, rows_column(applied, "is_full"));
        if (is_full) {
            struct slice behind = rows_text(applied, 0, rows_column(applied, "behind"));
            snprintf(place, sizeof place, "%.*s", (int)behind.len, behind.data);
            params[ARRAY_LEN(params) - 1] = as_text(place);
        }
        rows_free(applied);
        worker_let_others(context->hand);
    }
    return DB_OK;
}

static enum db_outcome walk_all(const struct job_context *context, const struct rows *rows,
                                const struct basis *basis, const json_t *groups, int64_t *moved)
{
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 2 * WALK_BYTES);
    enum db_outcome outcome = DB_OK;
    for (size_t at = 0; outcome == DB_OK && at < json_array_size(groups);) {
        write_moved(&out, basis, groups, &at);
        if (out.len > strlen("[]"))
            outcome = walk(context, rows, buffer_view(&out), moved);
    }
    return outcome;
}

static enum db_outcome mark_seen(const struct job_context *context, const struct rows *rows)
{
    const struct param params[] = {
        as_uuid(rows_uuid(rows, 0, rows_column(rows, "org_id"))),
        as_slice(rows_text(rows, 0, rows_column(rows, "digest"))),
    };
    struct rows *seen = NULL;
    enum db_outcome outcome =
        session_run(context->session, SQL_RECOMPUTE_SEEN, params, ARRAY_LEN(params), &seen);
    rows_free(seen);
    return outcome;
}

enum db_outcome recompute_deadlines(const struct job_context *context, const struct rows *rows, int64_t *done)
{
    if (rows_is_null(rows, 0, rows_column(rows, "org_id")))
        return DB_OK;

    CLEANUP(arena_done) struct arena arena;
    arena_init(&arena, ARENA_CHUNK);
    struct slice text = rows_text(rows, 0, rows_column(rows, "basis"));
    json_t *document = json_loadb(text.data, text.len, 0, NULL);
    struct basis basis;
    int64_t moved = 0;
    basis_read(&arena, document, rows_instant_us(rows, 0, rows_column(rows, "now")), &basis);
    enum db_outcome outcome = walk_all(context, rows, &basis, json_object_get(document, "groups"), &moved);
    json_decref(document);
    if (outcome == DB_OK && moved == 0)
        outcome = mark_seen(context, rows);
    *done += moved + 1; /* one for the look itself: another organisation may wait behind this one */
    if (moved > 0)
        log_info("recompute.moved", log_int("cases", moved));
    return outcome;
}

/* The arithmetic of cases: deadlines in working days, the instants of the ladder's steps, days spent. What a
 * day is, the organisation's calendar says; when to use which terms, the handlers. */
#include "cases.h"

#include "base/log.h"

static struct date today_of(const struct request *req)
{
    return clock_local(req->received_us).date;
}

/* A step is due at the end of its working day; the calendar has them rise with the offsets. */
static void add_steps(const struct org *org, const char *county, struct case_terms *terms)
{
    for (size_t i = 0; i < org->ladder_steps; i++) {
        struct date day;
        if (deadline_step(org->calendar, county, terms->deadline.due_on, org->ladder[i], &day) != DEADLINE_OK)
            return;
        terms->steps[terms->step_count++] = deadline_end_of_day(day);
    }
}

static void set_steps(const struct org *org, const char *county, struct case_terms *terms)
{
    terms->step_count = 0;
    add_steps(org, county, terms);
}

void case_terms_of(const struct org *org, const char *county, struct date received_on, int working_days,
                   struct case_terms *ret)
{
    *ret = (struct case_terms){.received_on = received_on};
    if (working_days == 0)
        return;
    if (deadline_after(org->calendar, county, received_on, working_days, NULL, &ret->deadline) !=
        DEADLINE_OK) {
        log_warn("case.no_deadline", log_text("org", org->slug));
        return;
    }
    ret->working_days = working_days;
    set_steps(org, county, ret);
}

struct param as_working_days(const struct case_terms *terms)
{
    return terms->working_days ? as_int(terms->working_days) : as_null();
}

struct param as_due_on(const struct case_terms *terms)
{
    return terms->working_days ? as_date(terms->deadline.due_on) : as_null();
}

struct param as_due_at(const struct case_terms *terms)
{
    return terms->working_days ? as_instant(terms->deadline.due_at_us) : as_null();
}

struct param as_steps(struct request *req, const struct case_terms *terms)
{
    int64_t *steps = arena_alloc_array(&req->arena, LADDER_STEPS_MAX, sizeof *steps);
    memcpy(steps, terms->steps, sizeof terms->steps);
    return as_instants(steps, terms->step_count);
}

struct param as_steps_text(struct request *req, const struct case_terms *terms)
{
    char *text = arena_alloc(&req->arena, LADDER_STEPS_MAX * CLOCK_TEXT_MAX + 3);
    size_t len = 0;
    text[len++] = '{';
    for (size_t i = 0; i < terms->step_count; i++) {
        if (i > 0)
            text[len++] = ',';
        len += clock_format(terms->steps[i], text + len);
    }
    text[len++] = '}';
    return as_slice((struct slice){text, len});
}

struct param as_followup(const struct case_policy *policy, struct date received_on)
{
    if (policy->followup_days == 0)
        return as_null();
    return as_date(date_from_days(date_to_days(received_on) + policy->followup_days));
}

/* --- a case as it stands ----------------------------------------------------------------------- */

static const char *text_of(struct request *req, const struct rows *rows, const char *name)
{
    struct slice text = rows_text(rows, 0, rows_column(rows, name));
    return text.data ? arena_copy(&req->arena, text.data, text.len) : NULL;
}

static int int_of(const struct rows *rows, const char *name)
{
    return (int)rows_int(rows, 0, rows_column(rows, name));
}

static bool has(const struct rows *rows, const char *name)
{
    return !rows_is_null(rows, 0, rows_column(rows, name));
}

void case_promise_read(struct request *req, const struct org *org, const struct rows *rows,
                       struct case_basis *ret)
{
    *ret = (struct case_basis){
        .org = org ? org : request_org_named(req, rows_text(rows, 0, rows_column(rows, "_org"))),
        .county = text_of(req, rows, "_county"),
        .working_days = int_of(rows, "_working_days"),
        .received_on = rows_date(rows, 0, rows_column(rows, "_received_on")),
        .due_on = rows_date(rows, 0, rows_column(rows, "_due_on")),
    };
}

void case_basis_read(struct request *req, const struct org *org, const struct rows *rows,
                     struct case_basis *ret)
{
    case_promise_read(req, org, rows, ret);
    ret->door = case_door_named(rows_text(rows, 0, rows_column(rows, "_kind")));
    ret->id = rows_uuid(rows, 0, rows_column(rows, "_id"));
    ret->stage = slice_of(text_of(req, rows, "_stage"));
    ret->row_version = int_of(rows, "_row_version");
    ret->paused_days = int_of(rows, "_paused_days");
    ret->round = int_of(rows, "_round");
    ret->is_answered = has(rows, "_answered_at");
    ret->is_paused = has(rows, "_paused_at");
    ret->is_running = !ret->is_answered && !ret->is_paused && !has(rows, "_closed_at");
    ret->paused_us = rows_instant_us(rows, 0, rows_column(rows, "_paused_at"));
    ret->answered_us = rows_instant_us(rows, 0, rows_column(rows, "_answered_at"));
}

int case_days(const struct request *req, const struct case_basis *basis)
{
    return working_days_between(basis->org->calendar, basis->county, basis->received_on, today_of(req));
}

int case_days_paused(const struct request *req, const struct case_basis *basis)
{
    if (!basis->is_paused)
        return basis->paused_days;
    return basis->paused_days + working_days_between(basis->org->calendar, basis->county,
                                                     clock_local(basis->paused_us).date, today_of(req));
}

void case_terms_resumed(const struct request *req, const struct case_basis *basis, struct case_terms *ret)
{
    int pause = case_days_paused(req, basis);
    int working_days = basis->working_days ? basis->working_days + pause : 0;
    case_terms_of(basis->org, basis->county, basis->received_on, working_days, ret);
    if (ret->working_days)
        ret->working_days = basis->working_days; /* the promise is what it was */
}

void case_terms_anew(const struct request *req, const struct case_basis *basis, struct case_terms *ret)
{
    case_terms_of(basis->org, basis->county, today_of(req), basis->org->cases[basis->door->kind].working_days,
                  ret);
}

void case_terms_moved(const struct request *req, const struct case_basis *basis, const char *county,
                      struct case_terms *ret)
{
    struct date due_on;
    int working_days = basis->working_days ? basis->working_days + basis->paused_days : 0;
    case_terms_of(basis->org, county, basis->received_on, working_days, ret);
    if (!ret->working_days)
        return;
    ret->working_days = basis->working_days;
    if (deadline_recomputed(basis->org->calendar, county, basis->due_on, ret->deadline.due_on, today_of(req),
                            &due_on) != DEADLINE_OK)
        return;
    ret->deadline.due_on = due_on;
    ret->deadline.due_at_us = deadline_end_of_day(due_on);
    set_steps(basis->org, county, ret);
}

/* What holds for deadlines whatever the calendar: random calendars from numbered seeds. At the end, how long
 * a hundred thousand deadlines take (printed, not asserted). */
#include "calendar_fixture.h"

#include "domain/deadline.h"

#define CALENDARS          150
#define CASES_PER_CALENDAR 10
#define CLOSURES_ADDED     40
#define DEADLINES_MEASURED 100000

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 65536);
    return clock_zone_set("Asia/Tehran") ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* One random case; `number` tells which when a property fails. */
struct trial {
    uint64_t number, seed;
    struct plan plan;
    const struct calendar *calendar;
    const char *county;
    struct date received_on;
    int working_days;
};

static int64_t due_day(const struct trial *trial, const struct calendar *calendar, struct date received_on,
                       int working_days)
{
    struct deadline deadline;
    enum deadline_result result =
        deadline_after(calendar, trial->county, received_on, working_days, NULL, &deadline);
    holds(trial->number, result == DEADLINE_OK);
    return date_to_days(deadline.due_on);
}

static int64_t own_due_day(const struct trial *trial)
{
    return due_day(trial, trial->calendar, trial->received_on, trial->working_days);
}

static struct date next_day(struct date date)
{
    return date_from_days(date_to_days(date) + 1);
}

static void for_random_trials(void (*property)(struct trial *))
{
    for (uint64_t number = 1; number <= CALENDARS; number++) {
        struct trial trial = {.number = number, .seed = number};
        plan_at_random(&trial.plan, &trial.seed);
        trial.calendar = build(&arena, &trial.plan);
        for (int i = 0; i < CASES_PER_CALENDAR; i++) {
            trial.county = random_county(&trial.seed);
            trial.received_on = random_date(&trial.seed);
            trial.working_days = 1 + random_below(&trial.seed, 60);
            property(&trial);
        }
        arena_reset(&arena);
    }
}

#define PROPERTY(name)                                                                                       \
    static void check_##name(struct trial *trial);                                                           \
    static void name(void **state)                                                                           \
    {                                                                                                        \
        (void)state;                                                                                         \
        for_random_trials(check_##name);                                                                     \
    }                                                                                                        \
    static void check_##name(struct trial *trial)

PROPERTY(a_deadline_is_a_working_day_after_receipt)
{
    int64_t due = own_due_day(trial);
    holds(trial->number, due > date_to_days(trial->received_on));
    holds(trial->number, calendar_day(trial->calendar, date_from_days(due), trial->county, NULL));
}

PROPERTY(one_working_day_more_is_later)
{
    holds(trial->number,
          due_day(trial, trial->calendar, trial->received_on, trial->working_days + 1) > own_due_day(trial));
}

PROPERTY(a_later_receipt_is_never_due_earlier)
{
    holds(trial->number, due_day(trial, trial->calendar, next_day(trial->received_on), trial->working_days) >=
                             own_due_day(trial));
}

PROPERTY(receipt_on_a_day_off_counts_like_the_day_before)
{
    struct date after = next_day(trial->received_on);
    if (!calendar_day(trial->calendar, after, trial->county, NULL))
        holds(trial->number,
              due_day(trial, trial->calendar, after, trial->working_days) == own_due_day(trial));
}

PROPERTY(an_added_closure_never_brings_it_earlier)
{
    struct plan more = trial->plan;
    for (int i = 0; i < CLOSURES_ADDED; i++) {
        more.entries[more.entry_count] = random_entry(&trial->seed);
        more.entries[more.entry_count++].kind = CALENDAR_KIND_CLOSURE;
    }
    holds(trial->number, due_day(trial, build(&arena, &more), trial->received_on, trial->working_days) >=
                             own_due_day(trial));
}

PROPERTY(between_receipt_and_due_lie_n_working_days)
{
    struct date due_on = date_from_days(own_due_day(trial));
    int there = working_days_between(trial->calendar, trial->county, trial->received_on, due_on);
    int back = working_days_between(trial->calendar, trial->county, due_on, trial->received_on);
    holds(trial->number, there == trial->working_days);
    holds(trial->number, back == -trial->working_days);
}

PROPERTY(steps_there_and_back_return)
{
    struct date due_on = date_from_days(own_due_day(trial)), there, back;
    int offset = random_below(&trial->seed, 21) - 10;
    holds(trial->number,
          deadline_step(trial->calendar, trial->county, due_on, offset, &there) == DEADLINE_OK);
    holds(trial->number, deadline_step(trial->calendar, trial->county, there, -offset, &back) == DEADLINE_OK);
    holds(trial->number, date_to_days(back) == date_to_days(due_on));
    holds(trial->number, working_days_between(trial->calendar, trial->county, due_on, there) == offset);
}

PROPERTY(the_explanation_shows_every_day_and_counts_to_n)
{
    struct deadline deadline;
    holds(trial->number, deadline_after(trial->calendar, trial->county, trial->received_on,
                                        trial->working_days, &arena, &deadline) == DEADLINE_OK);
    int64_t day_zero = date_to_days(trial->received_on);
    int counted = 0;
    for (size_t i = 0; i < deadline.day_count; i++) {
        const struct deadline_day *day = &deadline.days[i];
        struct calendar_why why;
        bool is_worked = calendar_day(trial->calendar, day->date, trial->county, &why);
        holds(trial->number, date_to_days(day->date) == day_zero + (int64_t)i);
        holds(trial->number, day->why.reason == why.reason && day->why.entry == why.entry);
        holds(trial->number, day->counted == (is_worked && i > 0 ? ++counted : 0));
    }
    holds(trial->number, counted == trial->working_days);
    holds(trial->number, day_zero + (int64_t)deadline.day_count - 1 == date_to_days(deadline.due_on));
    holds(trial->number, deadline.days[deadline.day_count - 1].counted == trial->working_days);
}

PROPERTY(the_instant_is_where_the_due_day_ends)
{
    struct deadline deadline;
    holds(trial->number, deadline_after(trial->calendar, trial->county, trial->received_on,
                                        trial->working_days, NULL, &deadline) == DEADLINE_OK);
    int64_t last = date_to_days(clock_local(deadline.due_at_us - 1).date);
    holds(trial->number, last == date_to_days(deadline.due_on));
    holds(trial->number, date_to_days(clock_local(deadline.due_at_us).date) == last + 1);
}

PROPERTY(a_recomputed_deadline_lies_between_old_and_new_or_leaves_a_working_day)
{
    struct date today = random_date(&trial->seed), old_due_on = random_date(&trial->seed), got, least;
    struct date new_due_on = date_from_days(own_due_day(trial));
    holds(trial->number, deadline_recomputed(trial->calendar, trial->county, old_due_on, new_due_on, today,
                                             &got) == DEADLINE_OK);
    holds(trial->number, deadline_step(trial->calendar, trial->county, today, 1, &least) == DEADLINE_OK);

    int64_t old_due = date_to_days(old_due_on), new_due = date_to_days(new_due_on), day = date_to_days(got);
    if (new_due >= old_due)
        holds(trial->number, day == new_due);
    else
        holds(trial->number, day >= new_due && day <= old_due);
    if (day < old_due)
        holds(trial->number, day >= date_to_days(least));
}

static void a_hundred_thousand_deadlines_are_timed(void **state)
{
    (void)state;
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, FIVE_DAYS);
    plan_holidays(&plan, &arena);
    plan_national_closures(&plan, &arena);
    const struct calendar *calendar = build(&arena, &plan);
    int64_t first = date_to_days(on("2025-03-21")), began_us = clock_mono_us();
    for (int i = 0; i < DEADLINES_MEASURED; i++) {
        struct deadline deadline;
        struct date received_on = date_from_days(first + i % 1000);
        assert_int_equal(deadline_after(calendar, NULL, received_on, 10, NULL, &deadline), DEADLINE_OK);
    }
    print_message("%d deadlines of 10 days: %d ms\n", DEADLINES_MEASURED,
                  (int)((clock_mono_us() - began_us) / 1000));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_deadline_is_a_working_day_after_receipt),
        TEST(one_working_day_more_is_later),
        TEST(a_later_receipt_is_never_due_earlier),
        TEST(receipt_on_a_day_off_counts_like_the_day_before),
        TEST(an_added_closure_never_brings_it_earlier),
        TEST(between_receipt_and_due_lie_n_working_days),
        TEST(steps_there_and_back_return),
        TEST(the_explanation_shows_every_day_and_counts_to_n),
        TEST(the_instant_is_where_the_due_day_ends),
        TEST(a_recomputed_deadline_lies_between_old_and_new_or_leaves_a_working_day),
        TEST(a_hundred_thousand_deadlines_are_timed),
    };
    return cmocka_run_group_tests_name("deadline properties", tests, NULL, NULL);
}

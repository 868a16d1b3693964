/* Deadlines: the vectors, the edges of a day and of a search, the explanation, a changed calendar. What must
 * hold for any calendar is in test_deadline_properties.c. */
#include "calendar_fixture.h"

#include "domain/deadline.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 65536);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static int set_zone(void **state)
{
    (void)state;
    return clock_zone_set("Asia/Tehran") ? 0 : -1;
}

static void assert_date(struct date got, const char *wanted)
{
    char text[CLOCK_TEXT_MAX];
    date_format(got, text);
    assert_string_equal(text, wanted);
}

static void assert_instant(int64_t got_us, const char *wanted)
{
    char text[CLOCK_TEXT_MAX];
    clock_format(got_us, text);
    assert_string_equal(text, wanted);
}

static void assert_due(const struct calendar *calendar, const char *received_on, int working_days,
                       const char *due_on)
{
    struct deadline deadline;
    assert_int_equal(deadline_after(calendar, NULL, on(received_on), working_days, NULL, &deadline),
                     DEADLINE_OK);
    assert_date(deadline.due_on, due_on);
}

static const struct calendar *week_alone(unsigned working_days)
{
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, working_days);
    return build(&arena, &plan);
}

/* --- vectors -------------------------------------------------------------------------------------- */

static const struct calendar *real_calendar(const char *weekend, const char *closures)
{
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, strcmp(weekend, "fri") == 0 ? SIX_DAYS : FIVE_DAYS);
    plan_holidays(&plan, &arena);
    if (strcmp(closures, "none") != 0)
        plan_national_closures(&plan, &arena);
    return build(&arena, &plan);
}

/* I12 */
static void every_vector_is_met(void **state)
{
    (void)state;
    FILE *file = csv_open(SOURCE_DIR "/tests/unit/domain/deadline-vectors.csv");
    struct csv_row row;
    int rows = 0;
    for (; csv_next(file, &row); rows++) {
        char *due_on = strrchr(row.text, ',') + 1;
        due_on[strcspn(due_on, "\r\n")] = '\0';
        const struct calendar *calendar = real_calendar(row.fields[2], row.fields[3]);
        assert_due(calendar, row.fields[0], (int)strtol(row.fields[1], NULL, 10), due_on);
    }
    fclose(file);
    assert_int_equal(rows, 72);
}

static void ten_days_without_holidays(void **state)
{
    (void)state;
    const struct calendar *five = week_alone(FIVE_DAYS), *six = week_alone(SIX_DAYS);
    assert_due(five, "2026-11-21", 10, "2026-12-05");
    assert_due(six, "2026-11-21", 10, "2026-12-02");
    assert_due(five, "2026-11-25", 10, "2026-12-09"); /* Wednesday, then the weekend that counts like it */
    assert_due(five, "2026-11-26", 10, "2026-12-09");
    assert_due(five, "2026-11-27", 10, "2026-12-09");
}

static void a_closure_moves_what_it_lies_before(void **state)
{
    (void)state;
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, FIVE_DAYS);
    plan_entry(&plan, "2026-11-29", CALENDAR_KIND_CLOSURE);
    const struct calendar *calendar = build(&arena, &plan);
    assert_due(calendar, "2026-11-21", 10, "2026-12-06");
    assert_due(calendar, "2026-11-25", 10, "2026-12-12");
    assert_due(calendar, "2026-11-26", 10, "2026-12-12");
    assert_due(calendar, "2026-11-27", 10, "2026-12-12");
}

/* --- the edges ------------------------------------------------------------------------------------ */

static void a_deadline_is_the_end_of_its_local_day(void **state)
{
    (void)state;
    struct deadline deadline;
    assert_int_equal(deadline_after(week_alone(FIVE_DAYS), NULL, on("2026-11-21"), 10, NULL, &deadline),
                     DEADLINE_OK);
    assert_instant(deadline.due_at_us, "2026-12-05T20:30:00Z");
    assert_date(clock_local(deadline.due_at_us - 1).date, "2026-12-05");
    assert_date(clock_local(deadline.due_at_us).date, "2026-12-06");
    assert_null(deadline.days);

    assert_instant(deadline_end_of_day(on("2021-07-01")), "2021-07-01T19:30:00Z");
    assert_instant(deadline_end_of_day(on("2022-03-21")), "2022-03-21T20:30:00Z"); /* then 00:00 is skipped */
    assert_instant(deadline_end_of_day(on("2022-09-21")), "2022-09-21T20:30:00Z"); /* 23:00 comes twice */
    assert_instant(deadline_end_of_day(on("2026-12-31")), "2026-12-31T20:30:00Z");
}

static void what_cannot_be_computed_is_refused_and_leaves_the_output(void **state)
{
    (void)state;
    const struct calendar *five = week_alone(FIVE_DAYS), *none = week_alone(0);
    struct deadline deadline = {.day_count = 77};
    struct date date = {7, 7, 7};
    assert_int_equal(deadline_after(five, NULL, on("2026-11-21"), 0, NULL, &deadline), DEADLINE_OUT_OF_RANGE);
    assert_int_equal(deadline_after(five, NULL, on("2026-11-21"), -1, NULL, &deadline),
                     DEADLINE_OUT_OF_RANGE);
    assert_int_equal(deadline_after(five, NULL, on("2026-11-21"), 1001, NULL, &deadline),
                     DEADLINE_OUT_OF_RANGE);
    assert_int_equal(deadline_after(five, NULL, on("1799-12-31"), 1, NULL, &deadline), DEADLINE_OUT_OF_RANGE);
    assert_int_equal(deadline_after(five, NULL, on("2201-01-01"), 1, NULL, &deadline), DEADLINE_OUT_OF_RANGE);
    assert_int_equal(deadline_after(none, NULL, on("2026-11-21"), 1, &arena, &deadline),
                     DEADLINE_NO_WORKING_DAY);
    assert_int_equal(deadline_step(five, NULL, on("2026-11-21"), -1001, &date), DEADLINE_OUT_OF_RANGE);
    assert_int_equal(deadline_step(five, NULL, on("2026-11-21"), INT32_MIN, &date), DEADLINE_OUT_OF_RANGE);
    assert_int_equal(deadline_step(none, NULL, on("2026-11-21"), -1, &date), DEADLINE_NO_WORKING_DAY);
    assert_int_equal(deadline_recomputed(none, NULL, date, date, on("2026-11-21"), &date),
                     DEADLINE_NO_WORKING_DAY);
    assert_int_equal(deadline.day_count, 77);
    assert_int_equal(date.year, 7);
}

static void the_longest_search_and_the_longest_deadline_are_found(void **state)
{
    (void)state;
    assert_due(week_alone(WEEKDAY_BIT(WEEKDAY_SAT)), "2026-11-21", 1000, "2046-01-20");

    struct plan plan = {0};
    struct date zero = on("2026-11-21"), last = date_from_days(date_to_days(zero) + DEADLINE_SEARCH_DAYS);
    plan.weeks[plan.week_count++] = (struct calendar_week){last, CALENDAR_FOREVER, (1U << WEEKDAYS) - 1};
    const struct calendar *calendar = build(&arena, &plan);
    struct deadline deadline;
    assert_int_equal(deadline_after(calendar, NULL, zero, 1, NULL, &deadline), DEADLINE_OK);
    struct date before = date_from_days(date_to_days(zero) - 1);
    assert_int_equal(deadline_after(calendar, NULL, before, 1, NULL, &deadline), DEADLINE_NO_WORKING_DAY);
}

/* Steps of the default ladder around 2026-12-05, a Saturday. */
static void steps_are_working_days_both_ways(void **state)
{
    (void)state;
    static const struct {
        int offset;
        const char *on;
    } ladder[] = {
        {-3, "2026-11-30"}, {-1, "2026-12-02"}, {0, "2026-12-05"}, {2, "2026-12-07"}, {5, "2026-12-12"}};
    const struct calendar *calendar = week_alone(FIVE_DAYS);
    for (size_t i = 0; i < ARRAY_LEN(ladder); i++) {
        struct date date;
        assert_int_equal(deadline_step(calendar, NULL, on("2026-12-05"), ladder[i].offset, &date),
                         DEADLINE_OK);
        assert_date(date, ladder[i].on);
    }
}

static void days_overdue_are_counted_in_working_days(void **state)
{
    (void)state;
    const struct calendar *calendar = week_alone(FIVE_DAYS);
    assert_int_equal(working_days_between(calendar, NULL, on("2026-12-02"), on("2026-12-02")), 0);
    assert_int_equal(working_days_between(calendar, NULL, on("2026-12-02"), on("2026-12-04")), 0);
    assert_int_equal(working_days_between(calendar, NULL, on("2026-12-02"), on("2026-12-05")), 1);
    assert_int_equal(working_days_between(calendar, NULL, on("2026-12-05"), on("2026-12-02")), -1);
    assert_int_equal(working_days_between(calendar, NULL, on("2026-12-05"), on("2026-12-19")), 10);
}

/* --- a changed calendar --------------------------------------------------------------------------- */

static void a_changed_calendar_moves_both_ways_but_leaves_a_working_day(void **state)
{
    (void)state;
    static const struct {
        const char *old_due_on, *new_due_on, *today, *wanted;
    } cases[] = {
        {"2026-12-05", "2026-12-06", "2026-11-25", "2026-12-06"}, /* later */
        {"2026-12-05", "2026-12-02", "2026-11-25", "2026-12-02"}, /* earlier, far ahead */
        {"2026-12-09", "2026-12-05", "2026-12-05", "2026-12-06"}, /* earlier: not today, */
        {"2026-12-09", "2026-11-30", "2026-12-02",
         "2026-12-05"}, /* the next working day lies over the weekend */
        {"2026-12-05", "2026-12-02", "2026-12-05", "2026-12-05"}, /* due today: no day more than there was */
        {"2026-11-25", "2026-11-24", "2026-12-05", "2026-11-25"}, /* overdue stays overdue */
        {"2026-11-25", "2026-11-28", "2026-12-05",
         "2026-11-28"}, /* a closure told late: later, still overdue */
        {"2026-12-05", "2026-12-05", "2026-12-20", "2026-12-05"}, /* unchanged */
    };
    const struct calendar *calendar = week_alone(FIVE_DAYS);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct date got;
        assert_int_equal(deadline_recomputed(calendar, NULL, on(cases[i].old_due_on), on(cases[i].new_due_on),
                                             on(cases[i].today), &got),
                         DEADLINE_OK);
        assert_date(got, cases[i].wanted);
    }
}

/* --- the explanation ------------------------------------------------------------------------------ */

struct explained {
    const char *date, *jalali, *code, *fa, *en;
    int counted;
    bool is_certain;
};

static void assert_text(const json_t *row, const char *member, const char *wanted)
{
    assert_string_equal(json_string_value(json_object_get(row, member)), wanted);
}

static void assert_explained(const struct deadline *deadline, const struct explained *wanted, size_t count)
{
    CLEANUP(buffer_done) struct buffer text;
    buffer_init(&text, 65536);
    deadline_write_days(&text, deadline);
    json_t *list = json_loads(text.data, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(list), count);
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(list, i), *why = json_object_get(row, "why");
        assert_text(row, "date", wanted[i].date);
        assert_text(row, "date_jalali", wanted[i].jalali);
        assert_int_equal(json_integer_value(json_object_get(row, "counted")), wanted[i].counted);
        assert_text(why, "code", wanted[i].code);
        assert_int_equal(json_is_true(json_object_get(why, "is_certain")), wanted[i].is_certain);
        assert_text(why, "fa", wanted[i].fa);
        assert_text(why, "en", wanted[i].en);
        assert_int_equal(json_object_size(row) + json_object_size(why), 8);
    }
    json_decref(list);
}

static void each_day_says_why(void **state)
{
    (void)state;
    static const struct explained wanted[] = {
        {"2026-11-26", "1405-09-05", "day_zero",
         "روز دریافت؛ شمارش از روز کاری بعد آغاز می‌شود",
         "Day of receipt; counting starts with the next working day", 0, true},
        {"2026-11-27", "1405-09-06", "weekend", "تعطیل هفتگی", "Weekend", 0, true},
        {"2026-11-28", "1405-09-07", "holiday", "تعطیل رسمی: «فطر\" (تاریخ قطعی نیست)",
         "Public holiday: «فطر\" (date not certain)", 0, false},
        {"2026-11-29", "1405-09-08", "partial",
         "تعطیلی بخشی از روز؛ روز کاری شمرده می‌شود"
         ": برف، از ساعت 11:05",
         "Closed for part of the day; counts as a working day: برف, from 11:05", 1, true},
        {"2026-11-30", "1405-09-09", "working", "روز کاری", "Working day", 2, true},
    };
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, SIX_DAYS);
    struct calendar_entry *holiday = plan_entry(&plan, "2026-11-28", CALENDAR_KIND_HOLIDAY);
    holiday->title = "«فطر\""; /* a quote to escape */
    holiday->is_certain = false;
    struct calendar_entry *shorter = plan_entry(&plan, "2026-11-29", CALENDAR_KIND_CLOSURE);
    shorter->title = "برف";
    shorter->from_minute = 11 * 60 + 5;
    shorter->counts = true;

    struct deadline deadline;
    assert_int_equal(deadline_after(build(&arena, &plan), NULL, on("2026-11-26"), 2, &arena, &deadline),
                     DEADLINE_OK);
    assert_explained(&deadline, wanted, ARRAY_LEN(wanted));
}

static void a_deadline_without_days_is_an_empty_list(void **state)
{
    (void)state;
    struct deadline deadline = {0};
    CLEANUP(buffer_done) struct buffer text;
    buffer_init(&text, 16);
    deadline_write_days(&text, &deadline);
    assert_string_equal(text.data, "[]");
}

/* Every reason has a code and both phrases: a table with a hole would write an empty one. */
static void every_reason_is_put_into_words(void **state)
{
    (void)state;
    struct calendar_entry entry = {.is_certain = true};
    for (int reason = 0; reason < CALENDAR_REASONS; reason++) {
        struct deadline_day days[2] = {
            {.date = on("2026-11-21")},
            {.date = on("2026-11-22"), .why = {(enum calendar_reason)reason, &entry}}};
        CLEANUP(buffer_done) struct buffer text;
        buffer_init(&text, 4096);
        deadline_write_days(&text, &(struct deadline){.days = days, .day_count = 2});

        json_t *list = json_loads(text.data, 0, NULL);
        const json_t *why = json_object_get(json_array_get(list, 1), "why");
        assert_string_equal(json_string_value(json_object_get(why, "code")), calendar_reason_names[reason]);
        assert_true(json_string_length(json_object_get(why, "fa")) > 4);
        assert_true(json_string_length(json_object_get(why, "en")) > 4);
        json_decref(list);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_vector_is_met),
        TEST(ten_days_without_holidays),
        TEST(a_closure_moves_what_it_lies_before),
        TEST(a_deadline_is_the_end_of_its_local_day),
        TEST(what_cannot_be_computed_is_refused_and_leaves_the_output),
        TEST(the_longest_search_and_the_longest_deadline_are_found),
        TEST(steps_are_working_days_both_ways),
        TEST(days_overdue_are_counted_in_working_days),
        TEST(a_changed_calendar_moves_both_ways_but_leaves_a_working_day),
        TEST(each_day_says_why),
        TEST(a_deadline_without_days_is_an_empty_list),
        TEST(every_reason_is_put_into_words),
    };
    return cmocka_run_group_tests_name("deadline", tests, set_zone, NULL);
}

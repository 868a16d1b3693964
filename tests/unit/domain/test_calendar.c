/* Calendars: what a date is, by hand-made examples, against a plain reading of the rules, and from JSON. */
#include "calendar_fixture.h"

#include "base/jalali.h"
#include "base/log.h"

#include <fcntl.h>

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

static void assert_day(const struct calendar *calendar, const char *date, const char *county,
                       enum calendar_reason reason, bool is_worked)
{
    struct calendar_why why;
    assert_int_equal(calendar_day(calendar, on(date), county, &why), is_worked);
    assert_string_equal(calendar_reason_names[why.reason], calendar_reason_names[reason]);
}

static void weekdays_are_those_of_the_wall_calendar(void **state)
{
    (void)state;
    assert_int_equal(weekday_of(on("2026-11-21")), WEEKDAY_SAT);
    assert_int_equal(weekday_of(on("2026-11-27")), WEEKDAY_FRI);
    assert_int_equal(weekday_of(on("1970-01-01")), WEEKDAY_THU);
    assert_int_equal(weekday_of(on("1969-12-31")), WEEKDAY_WED);
    assert_int_equal(weekday_of(on("1906-08-05")), WEEKDAY_SUN);
}

static void a_weekly_pattern_holds_from_its_first_day_to_before_its_last(void **state)
{
    (void)state;
    struct plan plan = {0};
    plan_week(&plan, "2025-06-05", NULL, FIVE_DAYS);
    plan_week(&plan, "2024-03-20", "2025-05-29", SIX_DAYS);
    const struct calendar *calendar = build(&arena, &plan);

    assert_day(calendar, "2024-03-19", NULL, CALENDAR_NO_WEEK, false);
    assert_day(calendar, "2024-03-20", NULL, CALENDAR_WORKING, true);
    assert_day(calendar, "2025-05-22", NULL, CALENDAR_WORKING, true); /* a Thursday */
    assert_day(calendar, "2025-05-29", NULL, CALENDAR_NO_WEEK, false);
    assert_day(calendar, "2025-06-04", NULL, CALENDAR_NO_WEEK, false);
    assert_day(calendar, "2025-06-05", NULL, CALENDAR_WEEKEND, false);
    assert_day(calendar, "2025-06-07", NULL, CALENDAR_WORKING, true);
}

static void a_calendar_of_nothing_has_no_working_day(void **state)
{
    (void)state;
    assert_day(calendar_build(&arena, NULL, 0, NULL, 0), "2026-11-21", NULL, CALENDAR_NO_WEEK, false);
}

static void a_closure_is_for_its_counties(void **state)
{
    (void)state;
    static const char *const two[] = {"1001", "1003"};
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, SIX_DAYS);
    struct calendar_entry *entry = plan_entry(&plan, "2026-11-22", CALENDAR_KIND_CLOSURE);
    entry->counties = two;
    entry->county_count = 2;
    plan_entry(&plan, "2026-11-23", CALENDAR_KIND_CLOSURE);
    const struct calendar *calendar = build(&arena, &plan);

    assert_day(calendar, "2026-11-22", "1001", CALENDAR_CLOSURE, false);
    assert_day(calendar, "2026-11-22", "1003", CALENDAR_CLOSURE, false);
    assert_day(calendar, "2026-11-22", "1002", CALENDAR_WORKING, true);
    assert_day(calendar, "2026-11-22", "100", CALENDAR_WORKING, true);
    assert_day(calendar, "2026-11-22", NULL, CALENDAR_WORKING, true);
    assert_day(calendar, "2026-11-23", "1002", CALENDAR_CLOSURE, false);
    assert_day(calendar, "2026-11-23", NULL, CALENDAR_CLOSURE, false);
}

/* PITFALLS: shortened hours are not a closure; a closure declared during the day is. */
static void shorter_hours_and_remote_work_count_when_the_entry_says_so(void **state)
{
    (void)state;
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, FIVE_DAYS);
    struct calendar_entry *shorter = plan_entry(&plan, "2026-11-22", CALENDAR_KIND_CLOSURE);
    shorter->from_minute = 11 * 60;
    shorter->counts = true;
    plan_entry(&plan, "2026-11-23", CALENDAR_KIND_CLOSURE)->counts = true;
    plan_entry(&plan, "2026-11-24", CALENDAR_KIND_CLOSURE)->from_minute = 12 * 60;
    plan_entry(&plan, "2026-11-27", CALENDAR_KIND_CLOSURE)->counts = true; /* a Friday stays one */
    const struct calendar *calendar = build(&arena, &plan);

    assert_day(calendar, "2026-11-22", NULL, CALENDAR_PARTIAL, true);
    assert_day(calendar, "2026-11-23", NULL, CALENDAR_REMOTE, true);
    assert_day(calendar, "2026-11-24", NULL, CALENDAR_CLOSURE, false);
    assert_day(calendar, "2026-11-27", NULL, CALENDAR_WEEKEND, false);
}

static void a_closure_outdoes_an_extra_day_which_outdoes_a_holiday(void **state)
{
    (void)state;
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, FIVE_DAYS);
    plan_entry(&plan, "2026-11-22", CALENDAR_KIND_EXTRA_WORKING);
    plan_entry(&plan, "2026-11-22", CALENDAR_KIND_HOLIDAY);
    plan_entry(&plan, "2026-11-23", CALENDAR_KIND_CLOSURE);
    plan_entry(&plan, "2026-11-23", CALENDAR_KIND_EXTRA_WORKING);
    plan_entry(&plan, "2026-11-24", CALENDAR_KIND_HOLIDAY);
    plan_entry(&plan, "2026-11-24", CALENDAR_KIND_CLOSURE)->counts = true;
    plan_entry(&plan, "2026-11-26", CALENDAR_KIND_EXTRA_WORKING); /* a Thursday */
    plan_entry(&plan, "2026-11-27", CALENDAR_KIND_HOLIDAY);
    const struct calendar *calendar = build(&arena, &plan);

    assert_day(calendar, "2026-11-22", NULL, CALENDAR_EXTRA_WORKING, true);
    assert_day(calendar, "2026-11-23", NULL, CALENDAR_CLOSURE, false);
    assert_day(calendar, "2026-11-24", NULL, CALENDAR_HOLIDAY, false);
    assert_day(calendar, "2026-11-26", NULL, CALENDAR_EXTRA_WORKING, true);
    assert_day(calendar, "2026-11-27", NULL, CALENDAR_WEEKEND, false);
}

static void the_certain_one_of_two_holidays_is_the_reason(void **state)
{
    (void)state;
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, FIVE_DAYS);
    struct calendar_entry *fitr = plan_entry(&plan, "2026-03-21", CALENDAR_KIND_HOLIDAY);
    fitr->title = "عید سعید فطر";
    fitr->is_certain = false;
    plan_entry(&plan, "2026-03-21", CALENDAR_KIND_HOLIDAY)->title = "آغاز نوروز";
    plan.entries[plan.entry_count++] = *fitr;

    struct calendar_why why;
    assert_false(calendar_day(build(&arena, &plan), on("2026-03-21"), NULL, &why));
    assert_string_equal(why.entry->title, "آغاز نوروز");
    assert_true(why.entry->is_certain);
}

static void what_was_given_is_copied(void **state)
{
    (void)state;
    char title[] = "آلودگی هوا", code[] = "1001";
    const char *codes[] = {code};
    struct plan plan = {0};
    plan_week(&plan, NULL, NULL, FIVE_DAYS);
    struct calendar_entry *entry = plan_entry(&plan, "2026-11-22", CALENDAR_KIND_CLOSURE);
    *entry = (struct calendar_entry){.date = entry->date,
                                     .kind = entry->kind,
                                     .title = title,
                                     .source = title,
                                     .counties = codes,
                                     .county_count = 1};
    const struct calendar *calendar = build(&arena, &plan);
    title[0] = code[0] = '?';
    codes[0] = NULL;
    plan = (struct plan){0};

    struct calendar_why why;
    assert_false(calendar_day(calendar, on("2026-11-22"), "1001", &why));
    assert_string_equal(why.entry->title, "آلودگی هوا");
    assert_string_equal(why.entry->source, "آلودگی هوا");
}

static void weeks_that_overlap_or_are_empty_are_refused(void **state)
{
    (void)state;
    struct plan overlap = {0}, empty = {0}, reversed = {0};
    plan_week(&overlap, "2025-03-21", NULL, FIVE_DAYS);
    plan_week(&overlap, NULL, "2025-03-22", SIX_DAYS);
    plan_week(&empty, "2025-03-21", "2025-03-21", FIVE_DAYS);
    plan_week(&reversed, "2025-03-21", "2025-03-20", FIVE_DAYS);
    assert_null(calendar_build(&arena, overlap.weeks, overlap.week_count, NULL, 0));
    assert_null(calendar_build(&arena, empty.weeks, empty.week_count, NULL, 0));
    assert_null(calendar_build(&arena, reversed.weeks, reversed.week_count, NULL, 0));
}

/* --- against a plain reading of the rules ------------------------------------------------------------- */

static bool lists_county(const struct calendar_entry *entry, const char *county)
{
    for (size_t i = 0; i < entry->county_count; i++)
        if (county && strcmp(entry->counties[i], county) == 0)
            return true;
    return entry->county_count == 0;
}

static bool pattern_has(const struct plan *plan, struct date date)
{
    int64_t day = date_to_days(date);
    for (size_t i = 0; i < plan->week_count; i++)
        if (day >= date_to_days(plan->weeks[i].valid_from) && day < date_to_days(plan->weeks[i].valid_to))
            return plan->weeks[i].working_days >> weekday_of(date) & 1;
    return false;
}

static bool plainly_worked(const struct plan *plan, struct date date, const char *county)
{
    bool is_closed = false, is_extra = false, is_holiday = false;
    for (size_t i = 0; i < plan->entry_count; i++) {
        const struct calendar_entry *entry = &plan->entries[i];
        if (date_to_days(entry->date) != date_to_days(date) || !lists_county(entry, county))
            continue;
        is_closed = is_closed || (entry->kind == CALENDAR_KIND_CLOSURE && !entry->counts);
        is_extra = is_extra || entry->kind == CALENDAR_KIND_EXTRA_WORKING;
        is_holiday = is_holiday || entry->kind == CALENDAR_KIND_HOLIDAY;
    }
    return !is_closed && (is_extra || (pattern_has(plan, date) && !is_holiday));
}

static void random_calendars_agree_with_a_plain_reading(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= 200; number++) {
        uint64_t seed = number;
        struct plan plan = {0};
        plan_at_random(&plan, &seed);
        const struct calendar *calendar = build(&arena, &plan);
        for (int i = -10; i < RANDOM_DAYS + 10; i++) {
            struct date date = date_from_days(RANDOM_FIRST_DAY + i);
            const char *county = random_county(&seed);
            holds(number, calendar_day(calendar, date, county, NULL) == plainly_worked(&plan, date, county));
        }
        arena_reset(&arena);
    }
}

/* --- from JSON ------------------------------------------------------------------------------------ */

static const struct calendar *parse(const char *text)
{
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    const struct calendar *calendar = calendar_parse(&arena, document);
    json_decref(document);
    return calendar;
}

static void a_document_becomes_a_calendar(void **state)
{
    (void)state;
    const struct calendar *calendar = parse(
        "{\"weeks\": [{\"valid_from\": \"2025-06-05\", \"valid_to\": null, \"note\": \"x\","
        "   \"working_days\": [\"sat\", \"sun\", \"mon\", \"tue\", \"wed\"]},"
        "  {\"valid_to\": \"2025-06-05\", \"working_days\": [\"thu\"]}],"
        " \"days\": [{\"date\": \"2026-11-23\", \"kind\": \"closure\", \"title\": \"برف\", \"counties\": "
        "[\"1001\"],"
        "   \"from_time\": \"10:30\", \"counts\": true, \"source\": \"governor\", \"is_certain\": false},"
        "  {\"date\": \"2026-11-22\", \"kind\": \"holiday\"},"
        "  {\"date\": \"2026-11-27\", \"kind\": \"extra_working\", \"counties\": [], \"from_time\": null}]}");
    assert_non_null(calendar);
    assert_int_equal(calendar->week_count, 2);
    assert_int_equal(calendar->entry_count, 3);
    assert_day(calendar, "2025-05-29", NULL, CALENDAR_WORKING, true); /* a Thursday of the first pattern */
    assert_day(calendar, "2025-06-05", NULL, CALENDAR_WEEKEND, false);
    assert_day(calendar, "2026-11-22", NULL, CALENDAR_HOLIDAY, false);
    assert_day(calendar, "2026-11-27", NULL, CALENDAR_EXTRA_WORKING, true);
    assert_day(calendar, "2026-11-23", NULL, CALENDAR_WORKING, true);

    struct calendar_why why;
    assert_true(calendar_day(calendar, on("2026-11-23"), "1001", &why));
    assert_int_equal(why.reason, CALENDAR_PARTIAL);
    assert_int_equal(why.entry->from_minute, 10 * 60 + 30);
    assert_string_equal(why.entry->title, "برف");
    assert_string_equal(why.entry->source, "governor");
    assert_false(why.entry->is_certain);
    assert_true(calendar->entries[0].is_certain);
    assert_null(calendar->entries[0].title);
}

#define WEEKS(items)     "{\"weeks\":[" items "],\"days\":[]}"
#define DAYS(items)      "{\"weeks\":[],\"days\":[" items "]}"
#define CLOSURE(members) DAYS("{\"date\":\"2026-11-22\",\"kind\":\"closure\"," members "}")

static void other_shapes_are_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "[]",
        "{\"weeks\":[]}",
        "{\"weeks\":[],\"days\":{}}",
        WEEKS("7"),
        WEEKS("{\"working_days\":null}"),
        WEEKS("{\"working_days\":[\"saturday\"]}"),
        WEEKS("{\"working_days\":[6]}"),
        WEEKS("{\"working_days\":[],\"valid_from\":\"2025-02-29\"}"),
        WEEKS("{\"working_days\":[],\"valid_to\":2025}"),
        WEEKS("{\"working_days\":[]},{\"working_days\":[]}"),
        DAYS("null"),
        DAYS("{\"date\":\"2026-11-22\",\"kind\":\"feast\"}"),
        DAYS("{\"date\":null,\"kind\":\"holiday\"}"),
        DAYS("{\"date\":\"2026-11-31\",\"kind\":\"holiday\"}"),
        CLOSURE("\"title\":1"),
        CLOSURE("\"source\":[]"),
        CLOSURE("\"counts\":1"),
        CLOSURE("\"is_certain\":\"\""),
        CLOSURE("\"counties\":\"1\""),
        CLOSURE("\"counties\":[1]"),
        CLOSURE("\"from_time\":\"24:00\""),
        CLOSURE("\"from_time\":\"9:30\""),
        CLOSURE("\"from_time\":\"09:60\""),
        CLOSURE("\"from_time\":\"1x:00\""),
        CLOSURE("\"from_time\":9"),
    };
    assert_non_null(parse(CLOSURE("\"from_time\":\"23:59\"")));
    int silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
    log_start(LOG_ERROR_LEVEL, silence); /* each refusal is logged */
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (parse(refused[i]))
            fail_msg("accepted: %s", refused[i]);
}

/* --- the data ------------------------------------------------------------------------------------- */

static void assert_twin_dates(const char *path)
{
    FILE *file = csv_open(path);
    struct csv_row row;
    while (csv_next(file, &row)) {
        char jalali[CLOCK_TEXT_MAX];
        date_format(jalali_from_gregorian(on(row.fields[0])), jalali);
        assert_string_equal(row.fields[1], jalali);
    }
    fclose(file);
}

static void the_data_files_are_what_their_readme_says(void **state)
{
    (void)state;
    assert_twin_dates(SOURCE_DIR "/data/iran-holidays.csv");
    assert_twin_dates(SOURCE_DIR "/data/iran-extraordinary-closures.csv");

    struct plan plan = {0};
    plan_holidays(&plan, &arena);
    size_t uncertain = 0;
    for (size_t i = 0; i < plan.entry_count; i++)
        uncertain += !plan.entries[i].is_certain;
    assert_int_equal(plan.entry_count, 84);
    assert_int_equal(uncertain, 23);
    plan_national_closures(&plan, &arena);
    assert_int_equal(plan.entry_count, 84 + 7);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(weekdays_are_those_of_the_wall_calendar),
        TEST(a_weekly_pattern_holds_from_its_first_day_to_before_its_last),
        TEST(a_calendar_of_nothing_has_no_working_day),
        TEST(a_closure_is_for_its_counties),
        TEST(shorter_hours_and_remote_work_count_when_the_entry_says_so),
        TEST(a_closure_outdoes_an_extra_day_which_outdoes_a_holiday),
        TEST(the_certain_one_of_two_holidays_is_the_reason),
        TEST(what_was_given_is_copied),
        TEST(weeks_that_overlap_or_are_empty_are_refused),
        TEST(random_calendars_agree_with_a_plain_reading),
        TEST(a_document_becomes_a_calendar),
        TEST(other_shapes_are_refused),
        TEST(the_data_files_are_what_their_readme_says),
    };
    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}

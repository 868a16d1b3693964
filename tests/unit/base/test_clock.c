/* Instants and dates: text against RFC 3339, arithmetic against libc's timegm, the zone against tzdata. */
#include "unit.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t at(const char *text)
{
    int64_t us = 0;
    if (!clock_parse(slice_of(text), &us))
        fail_msg("not read: %s", text);
    return us;
}

static void assert_local(struct local_time local, const char *expected)
{
    char text[64];
    snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d.%06d", local.date.year, local.date.month,
             local.date.day, local.hour, local.minute, local.second, local.microsecond);
    assert_string_equal(text, expected);
}

static struct local_time local_of(int year, int month, int day, int hour, int minute)
{
    return (struct local_time){{year, month, day}, hour, minute, 0, 0};
}

static void instants_are_written_with_a_fraction_only_when_there_is_one(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {INT64_C(1796099400000000), "2026-12-01T04:30:00Z"},
        {INT64_C(1796099400123456), "2026-12-01T04:30:00.123456Z"},
        {INT64_C(1796099400000001), "2026-12-01T04:30:00.000001Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z"},
        {INT64_C(253402300800000000), "10000-01-01T00:00:00Z"},
        {INT64_C(-62135596800000000), "0001-01-01T00:00:00Z"},
        {INT64_MAX, "294247-01-10T04:00:54.775807Z"},
        {INT64_MIN, "-290308-12-21T19:59:05.224192Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[CLOCK_TEXT_MAX];
        assert_int_equal(clock_format(cases[i].us, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void instants_are_read_with_any_offset(void **state)
{
    (void)state;
    int64_t us = INT64_C(1796099400000000);
    assert_true(at("2026-12-01T04:30:00Z") == us);
    assert_true(at("2026-12-01t04:30:00z") == us);
    assert_true(at("2026-12-01T08:00:00+03:30") == us);
    assert_true(at("2026-11-30T23:30:00-05:00") == us);
    assert_true(at("2026-12-01T04:30:00-00:00") == us);
    assert_true(at("2026-12-01T04:30:00.5Z") == us + 500000);
    assert_true(at("2026-12-01T04:30:00.1234569999Z") == us + 123456);
    assert_true(at("0001-01-01T00:00:00Z") == INT64_C(-62135596800000000));
    assert_true(at("9999-12-31T23:59:59.999999Z") == INT64_C(253402300799999999));
}

static void other_spellings_of_instants_are_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "infinity",
        "-infinity",
        "now",
        "2026-12-01",
        "2026-12-01T04:30Z",
        "2026-12-01T04:30:00",
        "2026-12-01 04:30:00Z",
        "2026-12-01T04:30:60Z",
        "2026-12-01T24:00:00Z",
        "2026-12-01T04:60:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-12-00T00:00:00Z",
        "2026-12-01T04:30:00.Z",
        "2026-12-01T04:30:00,5Z",
        "2026-12-01T04:30:00+0330",
        "2026-12-01T04:30:00+24:00",
        "2026-12-01T04:30:00+03:60",
        "2026-12-01T04:30:00+03",
        "2026-12-01T04:30:00Z ",
        " 2026-12-01T04:30:00Z",
        "2026-12-01T04:30:00Zx",
        "+2026-12-01T04:30:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-1-01T00:00:00Z",
        "2026-12-01T4:30:00Z",
        "2026-12-01T04:30:-1Z",
        "۲۰۲۶-12-01T04:30:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    };
    int64_t us = 77;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (clock_parse(slice_of(refused[i]), &us))
            fail_msg("read: %s", refused[i]);
    assert_false(clock_parse((struct slice){"2026-12-01T04:30:00Z", 19}, &us));
    assert_int_equal(us, 77);
}

static void text_of_an_instant_is_read_back(void **state)
{
    (void)state;
    const int64_t most = INT64_C(253402300799999999);
    for (int64_t us = INT64_C(-62135596800000000); us < most - INT64_C(86399999999937) * 10;
         us += INT64_C(86399999999937) * 7) {
        char text[CLOCK_TEXT_MAX];
        clock_format(us, text);
        assert_true(at(text) == us);
    }
}

static void dates_that_exist_are_read_and_no_others(void **state)
{
    (void)state;
    struct date date = {0};
    assert_true(date_parse(SLICE("2024-02-29"), &date));
    assert_int_equal(date.year * 10000 + date.month * 100 + date.day, 20240229);
    assert_true(date_parse(SLICE("2000-02-29"), &date));
    assert_true(date_parse(SLICE("0001-01-01"), &date));
    assert_true(date_parse(SLICE("9999-12-31"), &date));
    static const char *const refused[] = {
        "",           "2025-02-29", "1900-02-29", "2026-04-31", "2026-12-32", "2026-13-01",  "2026-00-10",
        "2026-01-00", "0000-01-01", "2026-1-1",   "20260101",   "2026/01/01", "2026-01-01Z", "2026-01-01 ",
        "infinity",   "2026-01-0x", "-026-01-01",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (date_parse(slice_of(refused[i]), &date))
            fail_msg("read: %s", refused[i]);
    assert_int_equal(date.year, 9999);
    char text[CLOCK_TEXT_MAX];
    assert_int_equal(date_format((struct date){987, 6, 5}, text), 10);
    assert_string_equal(text, "0987-06-05");
}

static void days_count_as_timegm_counts_them(void **state)
{
    (void)state;
    assert_int_equal(date_to_days((struct date){1970, 1, 1}), 0);
    for (int64_t days = -800000; days < 3000000; days += 13) {
        time_t seconds = days * 86400;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        struct date date = date_from_days(days);
        assert_int_equal(date.year, tm.tm_year + 1900);
        assert_int_equal(date.month, tm.tm_mon + 1);
        assert_int_equal(date.day, tm.tm_mday);
        assert_int_equal(date_to_days(date), days);
    }
}

static void tehran_is_three_and_a_half_hours_ahead(void **state)
{
    (void)state;
    assert_true(clock_zone_set("Asia/Tehran"));
    assert_local(clock_local(at("2026-07-01T12:00:00Z")), "2026-07-01 15:30:00.000000");
    assert_local(clock_local(at("2021-07-01T12:00:00Z")), "2021-07-01 16:30:00.000000");
    assert_local(clock_local(at("2026-12-01T20:29:59.999999Z")), "2026-12-01 23:59:59.999999");
    assert_local(clock_local(at("2026-12-01T20:30:00Z")), "2026-12-02 00:00:00.000000");
    assert_local(clock_local(at("1969-12-31T23:59:59.999999Z")), "1970-01-01 03:29:59.999999");
    assert_true(clock_from_local(local_of(2026, 12, 2, 0, 0)) == at("2026-12-01T20:30:00Z"));
    assert_true(clock_from_local((struct local_time){{2026, 12, 1}, 23, 59, 59, 999999}) ==
                at("2026-12-01T20:29:59.999999Z"));
}

/* Iran, 2022: 00:00 on 22 March became 01:00, and 00:00 on 22 September became 23:00 of the 21st again. */
static void a_local_time_in_a_gap_counts_on_and_a_repeated_one_is_the_first(void **state)
{
    (void)state;
    assert_true(clock_zone_set("Asia/Tehran"));
    assert_true(clock_from_local(local_of(2022, 3, 21, 23, 59)) == at("2022-03-21T20:29:00Z"));
    assert_true(clock_from_local(local_of(2022, 3, 22, 0, 30)) == at("2022-03-21T21:00:00Z"));
    assert_true(clock_from_local(local_of(2022, 3, 22, 1, 0)) == at("2022-03-21T20:30:00Z"));
    assert_true(clock_from_local(local_of(2022, 9, 21, 22, 59)) == at("2022-09-21T18:29:00Z"));
    assert_true(clock_from_local(local_of(2022, 9, 21, 23, 30)) == at("2022-09-21T19:00:00Z"));
    assert_true(clock_from_local(local_of(2022, 9, 22, 0, 0)) == at("2022-09-21T20:30:00Z"));
}

static void local_time_returns_to_its_instant_outside_repeated_hours(void **state)
{
    (void)state;
    assert_true(clock_zone_set("Asia/Tehran"));
    for (int64_t us = at("2015-01-01T00:00:00Z"); us < at("2030-01-01T00:00:00Z");
         us += 5039 * CLOCK_SECOND_US) {
        int64_t again = clock_from_local(clock_local(us));
        if (again != us)
            assert_true(us - again == 3600 * CLOCK_SECOND_US); /* the second of two */
    }
}

static void unknown_zones_are_refused_and_change_nothing(void **state)
{
    (void)state;
    assert_true(clock_zone_set("UTC"));
    static const char *const refused[] = {
        "", "Asia/Nowhere", "Asia", "../zoneinfo/UTC", "/usr/share/zoneinfo/UTC", "tzdata.zi", "Asia/Tehran ",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(clock_zone_set(refused[i]));
    assert_int_equal(clock_local(0).hour, 0);
    assert_true(clock_zone_set("Asia/Kabul"));
    assert_local(clock_local(0), "1970-01-01 04:30:00.000000");
}

static void the_database_moves_the_clock_and_the_monotonic_one_stays(void **state)
{
    (void)state;
    int64_t before = clock_now_us(), mono = clock_mono_us();
    clock_adjust(before + 30 * CLOCK_DAY_US);
    assert_in_range(clock_now_us() - before - 30 * CLOCK_DAY_US, 0, 10 * CLOCK_SECOND_US);
    assert_in_range(30 * CLOCK_DAY_US - clock_offset_us(), 0, 10 * CLOCK_SECOND_US);
    clock_adjust(before - CLOCK_DAY_US); /* replaces, does not add */
    assert_in_range(clock_now_us() - before + CLOCK_DAY_US, 0, 10 * CLOCK_SECOND_US);
    assert_in_range(clock_mono_us() - mono, 0, 10 * CLOCK_SECOND_US);
    assert_in_range(clock_mono_us() / 1000 - clock_mono_ms() + 1000, 0, 1001);
    clock_adjust(before);
}

static void *read_local_times(void *unused)
{
    for (int64_t us = 0; us < 20000; us++) {
        struct local_time local = clock_local(us * CLOCK_DAY_US);
        if (clock_from_local(local) != us * CLOCK_DAY_US)
            return "a local time did not return";
    }
    return unused;
}

static void local_time_is_the_same_from_many_threads(void **state)
{
    (void)state;
    assert_true(clock_zone_set("Asia/Tehran"));
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_local_times, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *fault = NULL;
        pthread_join(threads[i], &fault);
        assert_null(fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_written_with_a_fraction_only_when_there_is_one),
        cmocka_unit_test(instants_are_read_with_any_offset),
        cmocka_unit_test(other_spellings_of_instants_are_refused),
        cmocka_unit_test(text_of_an_instant_is_read_back),
        cmocka_unit_test(dates_that_exist_are_read_and_no_others),
        cmocka_unit_test(days_count_as_timegm_counts_them),
        cmocka_unit_test(tehran_is_three_and_a_half_hours_ahead),
        cmocka_unit_test(a_local_time_in_a_gap_counts_on_and_a_repeated_one_is_the_first),
        cmocka_unit_test(local_time_returns_to_its_instant_outside_repeated_hours),
        cmocka_unit_test(unknown_zones_are_refused_and_change_nothing),
        cmocka_unit_test(the_database_moves_the_clock_and_the_monotonic_one_stays),
        cmocka_unit_test(local_time_is_the_same_from_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The Jalali calendar against ICU's, day by day, and against dates that everybody can look up. */
#include "unit.h"

#include "base/jalali.h"

#include <unicode/ucal.h>

static void assert_date(struct date date, int year, int month, int day)
{
    if (date.year != year || date.month != month || date.day != day)
        fail_msg("%d-%d-%d is not %d-%d-%d", date.year, date.month, date.day, year, month, day);
}

static void known_days_are_converted_both_ways(void **state)
{
    (void)state;
    static const struct {
        struct date gregorian, jalali;
    } days[] = {
        {{1979, 2, 11}, {1357, 11, 22}}, {{2000, 1, 1}, {1378, 10, 11}},  {{2020, 3, 19}, {1398, 12, 29}},
        {{2021, 3, 20}, {1399, 12, 30}}, {{2025, 3, 20}, {1403, 12, 30}}, {{2025, 3, 21}, {1404, 1, 1}},
        {{2026, 3, 20}, {1404, 12, 29}}, {{2026, 3, 21}, {1405, 1, 1}},   {{2026, 12, 1}, {1405, 9, 10}},
        {{1799, 3, 21}, {1178, 1, 1}},
    };
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        struct date g = days[i].gregorian, j = days[i].jalali;
        assert_date(jalali_from_gregorian(g), j.year, j.month, j.day);
        assert_date(jalali_to_gregorian(j), g.year, g.month, g.day);
    }
}

static void every_day_of_1300_to_1500_equals_icu(void **state)
{
    (void)state;
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *icu = ucal_open(u"UTC", 3, "fa_IR@calendar=persian", UCAL_TRADITIONAL, &status);
    assert_true(U_SUCCESS(status));
    int64_t day = date_to_days(jalali_to_gregorian((struct date){1300, 1, 1}));
    int64_t end = date_to_days(jalali_to_gregorian((struct date){1501, 1, 1}));
    assert_int_equal(end - day, 73414); /* 201 years, 49 of them leap */
    for (; day < end; day++) {
        ucal_setMillis(icu, (double)day * 86400000.0, &status);
        struct date ours = jalali_from_gregorian(date_from_days(day));
        assert_date(ours, ucal_get(icu, UCAL_YEAR, &status), ucal_get(icu, UCAL_MONTH, &status) + 1,
                    ucal_get(icu, UCAL_DATE, &status));
        assert_int_equal(date_to_days(jalali_to_gregorian(ours)), day);
    }
    assert_true(U_SUCCESS(status));
    ucal_close(icu);
}

static void every_day_of_1178_to_1633_returns_to_itself(void **state)
{
    (void)state;
    int64_t day = date_to_days(jalali_to_gregorian((struct date){1178, 1, 1}));
    for (int year = 1178; year <= 1633; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int d = 1; d <= jalali_month_days(year, month); d++, day++) {
                struct date gregorian = jalali_to_gregorian((struct date){year, month, d});
                assert_int_equal(date_to_days(gregorian), day);
                assert_date(jalali_from_gregorian(gregorian), year, month, d);
            }
        }
    }
}

static void leap_years_are_those_of_the_almanac(void **state)
{
    (void)state;
    static const int leap[] = {1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408, 1412, 1416, 1420};
    size_t next = 0;
    for (int year = 1372; year <= 1420; year++) {
        bool expected = next < sizeof leap / sizeof leap[0] && leap[next] == year;
        assert_int_equal(jalali_is_leap(year), expected);
        next += expected;
    }
    assert_int_equal(next, sizeof leap / sizeof leap[0]);
}

static void months_have_31_then_30_then_29_or_30_days(void **state)
{
    (void)state;
    for (int month = 1; month <= 11; month++)
        assert_int_equal(jalali_month_days(1404, month), month <= 6 ? 31 : 30);
    assert_int_equal(jalali_month_days(1404, 12), 29);
    assert_int_equal(jalali_month_days(1403, 12), 30);
}

static void adding_months_keeps_the_day_or_takes_the_last(void **state)
{
    (void)state;
    assert_date(jalali_add_months((struct date){1404, 5, 15}, 1), 1404, 6, 15);
    assert_date(jalali_add_months((struct date){1404, 6, 31}, 1), 1404, 7, 30);
    assert_date(jalali_add_months((struct date){1404, 11, 30}, 1), 1404, 12, 29);
    assert_date(jalali_add_months((struct date){1403, 11, 30}, 1), 1403, 12, 30);
    assert_date(jalali_add_months((struct date){1403, 12, 30}, 12), 1404, 12, 29);
    assert_date(jalali_add_months((struct date){1404, 12, 29}, 1), 1405, 1, 29);
    assert_date(jalali_add_months((struct date){1404, 1, 31}, 0), 1404, 1, 31);
    assert_date(jalali_add_months((struct date){1404, 1, 31}, -1), 1403, 12, 30);
    assert_date(jalali_add_months((struct date){1404, 1, 10}, -13), 1402, 12, 10);
    assert_date(jalali_add_months((struct date){1404, 3, 10}, 240), 1424, 3, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_days_are_converted_both_ways),
        cmocka_unit_test(every_day_of_1300_to_1500_equals_icu),
        cmocka_unit_test(every_day_of_1178_to_1633_returns_to_itself),
        cmocka_unit_test(leap_years_are_those_of_the_almanac),
        cmocka_unit_test(months_have_31_then_30_then_29_or_30_days),
        cmocka_unit_test(adding_months_keeps_the_day_or_takes_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

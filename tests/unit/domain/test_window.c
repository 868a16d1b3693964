/* Windows: values worked out by hand from a wall calendar, then properties over many openings. */
#include "base/jalali.h"
#include "domain/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

static const struct window_policy one_week = {WINDOW_DAYS, 7}, two_weeks = {WINDOW_DAYS, 14},
                                  one_month = {WINDOW_MONTHS, 1}, no_promise = {WINDOW_NO_PROMISE, 0};

static int set_zone(void **state)
{
    (void)state;
    return clock_zone_set("Asia/Tehran") ? 0 : -1;
}

static int64_t at(int year, int month, int day, int hour, int minute)
{
    return clock_from_local(
        (struct local_time){jalali_to_gregorian((struct date){year, month, day}), hour, minute, 0, 0});
}

static void assert_ends(struct window_policy policy, int64_t opens, int64_t ends)
{
    char got[CLOCK_TEXT_MAX], wanted[CLOCK_TEXT_MAX];
    clock_format(window_least_end(policy, opens), got);
    clock_format(ends, wanted);
    assert_string_equal(got, wanted);
}

/* I3 */
static void isfahan_gives_one_week_to_the_same_hour(void **state)
{
    (void)state;
    assert_ends(one_week, at(1405, 9, 10, 9, 30), at(1405, 9, 17, 9, 30));
    assert_ends(one_week, at(1405, 6, 28, 0, 0), at(1405, 7, 4, 0, 0)); /* across a month of 31 */
}

/* B1 */
static void sistan_and_baluchestan_gives_two_weeks_to_a_circular(void **state)
{
    (void)state;
    assert_ends(two_weeks, at(1405, 9, 10, 9, 30), at(1405, 9, 24, 9, 30));
}

/* B2 */
static void sistan_and_baluchestan_gives_a_tariff_one_jalali_month(void **state)
{
    (void)state;
    assert_ends(one_month, at(1405, 9, 10, 9, 30), at(1405, 10, 10, 9, 30));
    assert_ends(one_month, at(1405, 2, 5, 14, 0), at(1405, 3, 5, 14, 0)); /* 31 days */
}

static void the_31st_ends_on_the_30th_of_a_shorter_month(void **state)
{
    (void)state;
    assert_ends(one_month, at(1405, 6, 31, 9, 0), at(1405, 7, 30, 9, 0));
}

static void a_month_across_a_common_esfand_still_has_30_days(void **state)
{
    (void)state;
    assert_false(jalali_is_leap(1405));
    assert_ends(one_month, at(1405, 11, 30, 9, 0), at(1406, 1, 1, 9, 0));
    assert_ends(one_month, at(1405, 12, 10, 9, 0), at(1406, 1, 11, 9, 0));
    assert_ends(one_month, at(1405, 11, 10, 9, 0), at(1405, 12, 10, 9, 0)); /* Bahman has its 30 days */
}

static void a_month_across_a_leap_esfand_is_the_same_day(void **state)
{
    (void)state;
    assert_true(jalali_is_leap(1403));
    assert_ends(one_month, at(1403, 11, 30, 9, 0), at(1403, 12, 30, 9, 0));
    assert_ends(one_month, at(1403, 12, 10, 9, 0), at(1404, 1, 10, 9, 0));
    assert_ends(one_month, at(1403, 12, 30, 9, 0), at(1404, 1, 30, 9, 0));
}

static void the_local_hour_holds_across_a_change_of_the_clocks(void **state)
{
    (void)state;
    /* Summer time ended on 1401-06-30 at midnight: seven local days, 169 hours. */
    int64_t opens = at(1401, 6, 28, 9, 0);
    assert_ends(one_week, opens, at(1401, 7, 4, 9, 0));
    assert_int_equal(window_least_end(one_week, opens) - opens, 7 * CLOCK_DAY_US + 3600 * CLOCK_SECOND_US);
}

static void no_promise_asks_for_nothing(void **state)
{
    (void)state;
    int64_t opens = at(1405, 9, 10, 9, 30);
    assert_int_equal(window_least_end(no_promise, opens), opens);
}

/* --- properties: every day of sixty years, at an odd hour ------------------------------------------ */

/* The same local hour on every day: 1380-01-01 is the first. */
static int64_t morning(int day)
{
    int64_t first = date_to_days(jalali_to_gregorian((struct date){1380, 1, 1}));
    return clock_from_local((struct local_time){date_from_days(first + day), 7, 7, 0, 0});
}

static int local_days_between(int64_t from, int64_t to)
{
    return (int)(date_to_days(clock_local(to).date) - date_to_days(clock_local(from).date));
}

#define DAYS_TRIED (60 * 366)

static void n_days_are_n_local_days(void **state)
{
    (void)state;
    for (int day = 0; day < DAYS_TRIED; day++) {
        int64_t opens = morning(day);
        struct window_policy policy = {WINDOW_DAYS, 1 + day % 60};
        int64_t ends = window_least_end(policy, opens);
        assert_int_equal(local_days_between(opens, ends), policy.length);
        assert_int_equal(clock_local(ends).hour, clock_local(opens).hour);
    }
}

static void a_month_is_never_less_than_30_days_nor_more_than_31(void **state)
{
    (void)state;
    for (int day = 0; day < DAYS_TRIED; day++) {
        int64_t opens = morning(day);
        int days = local_days_between(opens, window_least_end(one_month, opens));
        assert_in_range(days, 30, 31);
    }
}

static void months_end_no_earlier_than_the_same_day(void **state)
{
    (void)state;
    for (int day = 0; day < DAYS_TRIED; day += 7) {
        int64_t opens = morning(day);
        for (int months = 1; months <= 12; months++) {
            int64_t ends = window_least_end((struct window_policy){WINDOW_MONTHS, months}, opens);
            struct date same = jalali_add_months(jalali_from_gregorian(clock_local(opens).date), months);
            assert_true(date_to_days(clock_local(ends).date) >= date_to_days(jalali_to_gregorian(same)));
            assert_true(local_days_between(opens, ends) >= 30 * months);
        }
    }
}

static void a_later_opening_never_closes_earlier(void **state)
{
    (void)state;
    static const struct window_policy policies[] = {{WINDOW_DAYS, 7}, {WINDOW_MONTHS, 1}, {WINDOW_MONTHS, 5}};
    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        int64_t before = INT64_MIN;
        for (int day = 0; day < DAYS_TRIED; day++) {
            int64_t ends = window_least_end(policies[i], morning(day));
            assert_true(ends >= before);
            before = ends;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(isfahan_gives_one_week_to_the_same_hour),
        cmocka_unit_test(sistan_and_baluchestan_gives_two_weeks_to_a_circular),
        cmocka_unit_test(sistan_and_baluchestan_gives_a_tariff_one_jalali_month),
        cmocka_unit_test(the_31st_ends_on_the_30th_of_a_shorter_month),
        cmocka_unit_test(a_month_across_a_common_esfand_still_has_30_days),
        cmocka_unit_test(a_month_across_a_leap_esfand_is_the_same_day),
        cmocka_unit_test(the_local_hour_holds_across_a_change_of_the_clocks),
        cmocka_unit_test(no_promise_asks_for_nothing),
        cmocka_unit_test(n_days_are_n_local_days),
        cmocka_unit_test(a_month_is_never_less_than_30_days_nor_more_than_31),
        cmocka_unit_test(months_end_no_earlier_than_the_same_day),
        cmocka_unit_test(a_later_opening_never_closes_earlier),
    };
    return cmocka_run_group_tests_name("window", tests, set_zone, NULL);
}

/* The Jalali calendar by the 33-year cycle: eight leap years in 33, which is what the astronomical rule
 * gives from 1178 to 1633. Outside these years the arithmetic goes on, but the sky does not follow it.
 *
 * Not for display: month names and digits are the client's. */
#include "base/jalali.h"

#define CYCLE_YEARS   33
#define CYCLE_LEAPS   8
#define CYCLE_DAYS    (CYCLE_YEARS * 365 + CYCLE_LEAPS)
#define DAYS_TO_1_1_1 (-492268) /* 0001-01-01 of the calendar, in days since 1970-01-01 */
#define LONG_MONTHS   6         /* of 31 days, then five of 30, then Esfand */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days from 1 Farvardin of year 1 to 1 Farvardin of `year`; 21 sets the cycle's phase (1403 is leap). */
static int64_t days_before_year(int64_t year)
{
    return 365 * (year - 1) + floor_div(CYCLE_LEAPS * year + 21, CYCLE_YEARS);
}

static int days_before_month(int month)
{
    int passed = month - 1;
    return 30 * passed + (passed < LONG_MONTHS ? passed : LONG_MONTHS);
}

bool jalali_is_leap(int year)
{
    return days_before_year((int64_t)year + 1) - days_before_year(year) == 366;
}

int jalali_month_days(int year, int month)
{
    if (month <= LONG_MONTHS)
        return 31;
    return month < 12 || jalali_is_leap(year) ? 30 : 29;
}

struct date jalali_from_gregorian(struct date gregorian)
{
    int64_t day = date_to_days(gregorian) - DAYS_TO_1_1_1;
    int64_t year = floor_div(day * CYCLE_YEARS, CYCLE_DAYS) + 1; /* right, or off by one at the year's ends */
    while (days_before_year(year) > day)
        year--;
    while (days_before_year(year + 1) <= day)
        year++;
    int of_year = (int)(day - days_before_year(year));
    int month = of_year < 31 * LONG_MONTHS ? of_year / 31 + 1 : (of_year - LONG_MONTHS) / 30 + 1;
    return (struct date){(int)year, month, of_year - days_before_month(month) + 1};
}

struct date jalali_to_gregorian(struct date jalali)
{
    int64_t day = days_before_year(jalali.year) + days_before_month(jalali.month) + jalali.day - 1;
    return date_from_days(DAYS_TO_1_1_1 + day);
}

struct date jalali_add_months(struct date jalali, int months)
{
    int64_t count = (int64_t)jalali.year * 12 + jalali.month - 1 + months;
    int year = (int)floor_div(count, 12), month = (int)(count - 12 * (int64_t)year) + 1;
    int last = jalali_month_days(year, month);
    return (struct date){year, month, jalali.day < last ? jalali.day : last};
}

/* The Solar Hijri (Jalali) calendar of Iran, arithmetic in the years 1178..1633, equal to ICU's Persian
 * calendar for every day of 1300..1500 (tests/unit/base/test_jalali.c). */
#ifndef BASE_JALALI_H
#define BASE_JALALI_H

#include "base/clock.h"

struct date jalali_from_gregorian(struct date gregorian);
struct date jalali_to_gregorian(struct date jalali);
bool jalali_is_leap(int year);
int jalali_month_days(int year, int month);
/* The same day of the next `months`-th Jalali month, or that month's last day where it is shorter. */
struct date jalali_add_months(struct date jalali, int months);

#endif

/* Gregorian dates and instants as arithmetic and as text (RFC 3339), without libc: strptime and timegm
 * accept and repair what we must refuse, and strftime costs more than a row of a reply may.
 *
 * Declared in clock.h. Knows no zone; local time is clock.c, the Jalali calendar jalali.c. */
#include "base/clock.h"

#include <stdlib.h>

#define DAYS_TO_1970   719468 /* from 0000-03-01 */
#define DAYS_IN_400    146097
#define YEAR_LEAST     1
#define YEAR_MOST      9999
#define FRACTION_SCALE 100000 /* of the first digit behind the point, in microseconds */

/* Years begin in March here, so that the leap day is the last of its year and a month's first day is linear
 * in its number: 153 days in five months from March on. */
int64_t date_to_days(struct date date)
{
    int64_t month = (date.month + 9) % 12; /* March = 0 */
    int64_t year = (int64_t)date.year - (date.month <= 2);
    int64_t cycle = (year >= 0 ? year : year - 399) / 400, of_cycle = year - cycle * 400;
    int64_t day = of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + (153 * month + 2) / 5 + date.day - 1;
    return cycle * DAYS_IN_400 + day - DAYS_TO_1970;
}

struct date date_from_days(int64_t days)
{
    days += DAYS_TO_1970;
    int64_t cycle = (days >= 0 ? days : days - (DAYS_IN_400 - 1)) / DAYS_IN_400;
    int64_t day = days - cycle * DAYS_IN_400;
    int64_t of_cycle = (day - day / 1460 + day / 36524 - day / (DAYS_IN_400 - 1)) / 365;
    day -= of_cycle * 365 + of_cycle / 4 - of_cycle / 100;
    int64_t month = (5 * day + 2) / 153;
    return (struct date){
        .year = (int)(cycle * 400 + of_cycle + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day - (153 * month + 2) / 5 + 1),
    };
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && is_leap);
}

/* Writes exactly `width` digits and returns the end. */
static char *put_digits(char *out, int64_t n, int width)
{
    for (int i = width - 1; i >= 0; i--, n /= 10)
        out[i] = (char)('0' + n % 10);
    return out + width;
}

static char *put_year(char *out, int64_t year)
{
    if (year < 0) {
        *out++ = '-';
        year = -year;
    }
    int width = 4;
    for (int64_t rest = year / 10000; rest > 0; rest /= 10)
        width++;
    return put_digits(out, year, width);
}

static char *put_date(char *out, struct date date)
{
    out = put_year(out, date.year);
    *out++ = '-';
    out = put_digits(out, date.month, 2);
    *out++ = '-';
    return put_digits(out, date.day, 2);
}

size_t date_format(struct date date, char out[CLOCK_TEXT_MAX])
{
    char *end = put_date(out, date);
    *end = '\0';
    return (size_t)(end - out);
}

size_t clock_format(int64_t instant_us, char out[CLOCK_TEXT_MAX])
{
    int64_t days = instant_us / CLOCK_DAY_US, of_day = instant_us % CLOCK_DAY_US;
    if (of_day < 0) {
        of_day += CLOCK_DAY_US;
        days--;
    }
    int64_t seconds = of_day / CLOCK_SECOND_US, fraction = of_day % CLOCK_SECOND_US;
    char *end = put_date(out, date_from_days(days));
    *end++ = 'T';
    end = put_digits(end, seconds / 3600, 2);
    *end++ = ':';
    end = put_digits(end, seconds / 60 % 60, 2);
    *end++ = ':';
    end = put_digits(end, seconds % 60, 2);
    if (fraction > 0) {
        *end++ = '.';
        end = put_digits(end, fraction, 6);
    }
    *end++ = 'Z';
    *end = '\0';
    return (size_t)(end - out);
}

/* --- reading: each take_...() eats its part from the front of `text` or says no --------------------- */

static bool take_char(struct slice *text, char wanted)
{
    if (text->len == 0 || text->data[0] != wanted)
        return false;
    *text = (struct slice){text->data + 1, text->len - 1};
    return true;
}

static bool take_digits(struct slice *text, size_t count, int *ret)
{
    if (text->len < count)
        return false;
    int n = 0;
    for (size_t i = 0; i < count; i++) {
        char c = text->data[i];
        if (c < '0' || c > '9')
            return false;
        n = n * 10 + (c - '0');
    }
    *text = (struct slice){text->data + count, text->len - count};
    *ret = n;
    return true;
}

static bool take_date(struct slice *text, struct date *ret)
{
    struct date date;
    if (!take_digits(text, 4, &date.year) || !take_char(text, '-') || !take_digits(text, 2, &date.month) ||
        !take_char(text, '-') || !take_digits(text, 2, &date.day))
        return false;
    if (date.year < YEAR_LEAST || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > month_days(date.year, date.month))
        return false;
    *ret = date;
    return true;
}

bool date_parse(struct slice text, struct date *ret)
{
    struct date date;
    if (!take_date(&text, &date) || text.len > 0)
        return false;
    *ret = date;
    return true;
}

/* Any number of digits; what is finer than a microsecond is cut off. */
static bool take_fraction(struct slice *text, int *ret_us)
{
    int us = 0, digit = 0;
    if (!take_digits(text, 1, &digit))
        return false;
    int scale = FRACTION_SCALE;
    do {
        us += digit * scale;
        scale /= 10;
    } while (take_digits(text, 1, &digit));
    *ret_us = us;
    return true;
}

static bool take_time_of_day(struct slice *text, int64_t *ret_us)
{
    int hour, minute, second, fraction_us = 0;
    if (!take_digits(text, 2, &hour) || !take_char(text, ':') || !take_digits(text, 2, &minute) ||
        !take_char(text, ':') || !take_digits(text, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    if (take_char(text, '.') && !take_fraction(text, &fraction_us))
        return false;
    *ret_us = (hour * 3600 + minute * 60 + second) * CLOCK_SECOND_US + fraction_us;
    return true;
}

static bool take_offset(struct slice *text, int64_t *ret_us)
{
    int hours = 0, minutes = 0;
    if (take_char(text, 'Z') || take_char(text, 'z')) {
        *ret_us = 0;
        return true;
    }
    bool is_east = take_char(text, '+');
    if (!is_east && !take_char(text, '-'))
        return false;
    if (!take_digits(text, 2, &hours) || !take_char(text, ':') || !take_digits(text, 2, &minutes))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    int64_t offset_us = (hours * 3600 + minutes * 60) * CLOCK_SECOND_US;
    *ret_us = is_east ? offset_us : -offset_us;
    return true;
}

bool clock_parse(struct slice text, int64_t *ret_us)
{
    struct date date;
    int64_t of_day_us = 0, offset_us = 0;
    if (!take_date(&text, &date) || !(take_char(&text, 'T') || take_char(&text, 't')))
        return false;
    if (!take_time_of_day(&text, &of_day_us) || !take_offset(&text, &offset_us) || text.len > 0)
        return false;
    int64_t instant_us = date_to_days(date) * CLOCK_DAY_US + of_day_us - offset_us;
    /* The offset may lead out of the years that we can write down. */
    if (instant_us < date_to_days((struct date){YEAR_LEAST, 1, 1}) * CLOCK_DAY_US ||
        instant_us >= date_to_days((struct date){YEAR_MOST + 1, 1, 1}) * CLOCK_DAY_US)
        return false;
    *ret_us = instant_us;
    return true;
}

/* Time. An instant is int64_t microseconds since 1970-01-01T00:00:00Z (`_us`); a timeout is monotonic
 * milliseconds (`_ms`).
 *
 * All servers on one database follow the database's clock: whoever hears from it calls clock_adjust(),
 * and clock_now_us() is this machine's clock plus that offset. Moving the database's clock (the table
 * `clock`, for tests and rehearsals) therefore moves every server. Local time is the zone that
 * clock_zone_set() fixed at start, from tzdata. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

#define CLOCK_SECOND_US INT64_C(1000000)
#define CLOCK_DAY_US    (INT64_C(86400) * CLOCK_SECOND_US)

struct date {
    int year, month, day; /* proleptic Gregorian unless a name says jalali */
};

struct local_time {
    struct date date;
    int hour, minute, second, microsecond;
};

int64_t clock_now_us(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
/* `database_now_us` as the database told it just now; later calls replace earlier ones. Thread-safe. */
void clock_adjust(int64_t database_now_us);
int64_t clock_offset_us(void);

/* False when tzdata does not know `zone`, or maps 2026-07-01T12:00Z in Asia/Tehran to anything but 15:30. */
MUST_USE bool clock_zone_set(const char *zone);
struct local_time clock_local(int64_t instant_us);
/* A local time that happened twice is the first of the two; one in a gap counts on from before the gap. */
int64_t clock_from_local(struct local_time local);

/* RFC 3339 UTC, "2026-12-01T04:30:00Z", with a fraction (.123456) only when it is not zero. */
#define CLOCK_TEXT_MAX 36
size_t clock_format(int64_t instant_us, char out[CLOCK_TEXT_MAX]);
/* RFC 3339 section 5.6 with any offset; years 1..9999; leap seconds and "infinity" refused. */
MUST_USE bool clock_parse(struct slice text, int64_t *ret_us);

size_t date_format(struct date date, char out[CLOCK_TEXT_MAX]); /* YYYY-MM-DD */
MUST_USE bool date_parse(struct slice text, struct date *ret);  /* a date that exists */
int64_t date_to_days(struct date date);                         /* days since 1970-01-01 */
struct date date_from_days(int64_t days);

#endif

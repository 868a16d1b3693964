/* The least length of a comment window: the promise of a strategy as an instant.
 *
 * Local dates, because the promises are made to people who read calendars: "one week" of a window opened at
 * nine in the morning ends at nine in the morning. Not for states (open, closed): those come from comparing
 * the stored end with the clock at the moment of reading. */
#include "base/jalali.h"
#include "domain/policy.h"

#define LEAST_MONTH_DAYS 30

static int64_t later_by_days(int64_t instant_us, int days)
{
    struct local_time local = clock_local(instant_us);
    local.date = date_from_days(date_to_days(local.date) + days);
    return clock_from_local(local);
}

/* "One month" (B2) is the same day of the next Jalali month. Where that is less than thirty days away (from
 * Bahman and Esfand, whose next stop lies across a month of 29 days) the citizen gets the thirty. */
static int64_t later_by_months(int64_t instant_us, int months)
{
    struct local_time local = clock_local(instant_us);
    local.date = jalali_to_gregorian(jalali_add_months(jalali_from_gregorian(local.date), months));
    int64_t same_day = clock_from_local(local);
    int64_t thirty_days_each = later_by_days(instant_us, LEAST_MONTH_DAYS * months);

    return same_day > thirty_days_each ? same_day : thirty_days_each;
}

int64_t window_least_end(struct window_policy policy, int64_t opens_us)
{
    switch (policy.unit) {
    case WINDOW_DAYS:
        return later_by_days(opens_us, policy.length);
    case WINDOW_MONTHS:
        return later_by_months(opens_us, policy.length);
    case WINDOW_NO_PROMISE:
        break;
    }
    return opens_us;
}

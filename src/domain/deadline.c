/* Counting working days: forwards to a deadline, both ways along an escalation ladder, between two dates.
 *
 * Walks day by day: ten working days are some sixteen lookups, and every count comes from the same judgement
 * (calendar_day) that the explanation shows. Not for time (I/O, the present moment): callers say what day it
 * is. */
#include "domain/deadline.h"

#include <stdlib.h>

static bool is_in_range(struct date date)
{
    return date.year >= DEADLINE_YEAR_EARLIEST && date.year <= DEADLINE_YEAR_LATEST;
}

/* The next working day from `day` on in `direction` (1 or -1), `day` itself left out. Days are numbers here.
 */
static enum deadline_result next_working_day(const struct calendar *calendar, const char *county, int64_t day,
                                             int direction, int64_t *ret)
{
    for (int tried = 0; tried < DEADLINE_SEARCH_DAYS; tried++) {
        day += direction;
        if (!calendar_day(calendar, date_from_days(day), county, NULL))
            continue;
        *ret = day;
        return DEADLINE_OK;
    }
    return DEADLINE_NO_WORKING_DAY;
}

enum deadline_result deadline_step(const struct calendar *calendar, const char *county, struct date due_on,
                                   int offset, struct date *ret)
{
    if (!is_in_range(due_on) || offset < -DEADLINE_DAYS_MOST || offset > DEADLINE_DAYS_MOST)
        return DEADLINE_OUT_OF_RANGE;

    int64_t day = date_to_days(due_on);
    for (int taken = 0; taken < abs(offset); taken++) {
        enum deadline_result result = next_working_day(calendar, county, day, offset < 0 ? -1 : 1, &day);
        if (result != DEADLINE_OK)
            return result;
    }
    *ret = date_from_days(day);
    return DEADLINE_OK;
}

static void explain(const struct calendar *calendar, const char *county, struct date received_on,
                    struct arena *arena, struct deadline *deadline)
{
    int64_t day_zero = date_to_days(received_on);
    deadline->day_count = (size_t)(date_to_days(deadline->due_on) - day_zero) + 1;
    deadline->days = arena_alloc_array(arena, deadline->day_count, sizeof *deadline->days);

    int counted = 0;
    for (size_t i = 0; i < deadline->day_count; i++) {
        struct deadline_day *day = &deadline->days[i];
        day->date = date_from_days(day_zero + (int64_t)i);
        bool is_counted = calendar_day(calendar, day->date, county, &day->why) && i > 0;
        day->counted = is_counted ? ++counted : 0;
    }
}

enum deadline_result deadline_after(const struct calendar *calendar, const char *county,
                                    struct date received_on, int working_days, struct arena *arena,
                                    struct deadline *ret)
{
    if (working_days < 1)
        return DEADLINE_OUT_OF_RANGE;
    struct deadline deadline = {0};
    enum deadline_result result =
        deadline_step(calendar, county, received_on, working_days, &deadline.due_on);
    if (result != DEADLINE_OK)
        return result;

    deadline.due_at_us = deadline_end_of_day(deadline.due_on);
    if (arena)
        explain(calendar, county, received_on, arena, &deadline);
    *ret = deadline;
    return DEADLINE_OK;
}

int working_days_between(const struct calendar *calendar, const char *county, struct date from,
                         struct date to)
{
    int64_t first = date_to_days(from), last = date_to_days(to);
    if (last < first)
        return -working_days_between(calendar, county, to, from);

    int count = 0;
    for (int64_t day = first + 1; day <= last; day++)
        count += calendar_day(calendar, date_from_days(day), county, NULL);
    return count;
}

static struct date later_of(struct date a, struct date b)
{
    return date_to_days(a) > date_to_days(b) ? a : b;
}

static struct date earlier_of(struct date a, struct date b)
{
    return date_to_days(a) < date_to_days(b) ? a : b;
}

enum deadline_result deadline_recomputed(const struct calendar *calendar, const char *county,
                                         struct date old_due_on, struct date new_due_on, struct date today,
                                         struct date *ret)
{
    struct date least;
    enum deadline_result result = deadline_step(calendar, county, today, 1, &least);
    if (result != DEADLINE_OK)
        return result;
    *ret = later_of(new_due_on, earlier_of(old_due_on, least));
    return DEADLINE_OK;
}

int64_t deadline_end_of_day(struct date date)
{
    return clock_from_local((struct local_time){.date = date_from_days(date_to_days(date) + 1)});
}

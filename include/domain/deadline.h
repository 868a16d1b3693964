/* Deadlines in working days (I12: "at most ten working days").
 *
 * Day zero is the local date of receipt; the deadline is the end of the n-th working day after it. So what
 * arrives on a day off counts as if it had come on the last working day before. `county` is a code, or NULL
 * for what concerns the whole organisation alone. All dates are local and Gregorian. */
#ifndef DOMAIN_DEADLINE_H
#define DOMAIN_DEADLINE_H

#include "base/buffer.h"
#include "domain/calendar.h"

#define DEADLINE_DAYS_MOST     1000      /* working days in one deadline */
#define DEADLINE_SEARCH_DAYS   (3 * 366) /* without a working day: the calendar is not to be trusted */
#define DEADLINE_YEAR_EARLIEST 1800      /* within these years jalali.h follows the sky */
#define DEADLINE_YEAR_LATEST   2200

enum deadline_result {
    DEADLINE_OK = 0,
    DEADLINE_OUT_OF_RANGE,  /* number of working days, or the year of a date */
    DEADLINE_NO_WORKING_DAY /* none within DEADLINE_SEARCH_DAYS */
};

struct deadline_day {
    struct date date;
    int counted; /* 1..n: which working day it is; 0: day zero, or skipped */
    struct calendar_why why;
};

struct deadline {
    struct date due_on;
    int64_t due_at_us;         /* the first instant after that local day: overdue from then on */
    struct deadline_day *days; /* every day from day zero to due_on; NULL unless asked for */
    size_t day_count;
};

/* `working_days` is 1..DEADLINE_DAYS_MOST. With an arena the deadline explains itself in `days` (its entries
 * lie in the calendar), with NULL it does not. */
MUST_USE enum deadline_result deadline_after(const struct calendar *calendar, const char *county,
                                             struct date received_on, int working_days, struct arena *arena,
                                             struct deadline *ret);

/* The offset-th working day after `due_on`, or before it where offset is negative; 0 is due_on itself. Steps
 * of an escalation ladder; offset is at most DEADLINE_DAYS_MOST either way. */
MUST_USE enum deadline_result deadline_step(const struct calendar *calendar, const char *county,
                                            struct date due_on, int offset, struct date *ret);

/* Working days later than `from`, up to and including `to`; negative when `to` is the earlier of the two. So
 * it is n between receipt and due date, and the days overdue between due date and today. */
int working_days_between(const struct calendar *calendar, const char *county, struct date from,
                         struct date to);

/* What becomes of a deadline when the calendar changed and `new_due_on` is computed anew. A later one holds
 * as it is. An earlier one holds too, but leaves at least the next working day after `today`, and never turns
 * into more time than there was: what is overdue stays overdue. */
MUST_USE enum deadline_result deadline_recomputed(const struct calendar *calendar, const char *county,
                                                  struct date old_due_on, struct date new_due_on,
                                                  struct date today, struct date *ret);

/* The first instant after the local day: 20:30:00Z of the same date for Asia/Tehran without summer time. */
int64_t deadline_end_of_day(struct date date);

/* The explanation as JSON: [{"date", "date_jalali", "counted", "why": {"code", "is_certain", "fa", "en"}}].
 * `code` is "day_zero" for the first day, else of calendar_reason_names; `fa` and `en` are phrases for
 * people, with the title of the holiday or closure. `[]` for a deadline without days. */
void deadline_write_days(struct buffer *out, const struct deadline *deadline);

#endif

/* Which days an organisation works, as data: weekly patterns with their validity (who works on Thursdays has
 * changed several times), national holidays, closures announced late for some counties, extra working days.
 *
 * A calendar belongs to one organisation and is constant once built. All of it lies in the arena that it was
 * built in; to change a calendar, build another. Looking a day up is a binary search. */
#ifndef DOMAIN_CALENDAR_H
#define DOMAIN_CALENDAR_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"

#include <jansson.h>

/* The week of Iran begins on Saturday; a set of weekdays is a set of bits. */
enum weekday {
    WEEKDAY_SAT,
    WEEKDAY_SUN,
    WEEKDAY_MON,
    WEEKDAY_TUE,
    WEEKDAY_WED,
    WEEKDAY_THU,
    WEEKDAY_FRI,
    WEEKDAYS
};
extern const char *const weekday_names[WEEKDAYS]; /* "sat", ... */
#define WEEKDAY_BIT(weekday) (1U << (weekday))

enum weekday weekday_of(struct date date);

/* The weekdays worked from `valid_from` on, up to but not including `valid_to`. */
struct calendar_week {
    struct date valid_from, valid_to;
    unsigned working_days; /* WEEKDAY_BIT()s */
};
#define CALENDAR_BEGINNING ((struct date){1, 1, 1})
#define CALENDAR_FOREVER   ((struct date){9999, 12, 31})

enum calendar_kind {
    CALENDAR_KIND_HOLIDAY,
    CALENDAR_KIND_CLOSURE,
    CALENDAR_KIND_EXTRA_WORKING,
    CALENDAR_KINDS
};
extern const char *const calendar_kind_names[CALENDAR_KINDS]; /* "holiday", "closure", "extra_working" */

/* What is special about a date; several may fall on one. */
struct calendar_entry {
    struct date date;
    enum calendar_kind kind;
    const char *const *counties; /* codes; county_count 0: the whole organisation */
    size_t county_count;
    int from_minute;            /* of a closure: begins so many minutes after midnight; 0: the whole day */
    bool counts;                /* of a closure: partial or remote work, so the day still counts as worked */
    bool is_certain;            /* false: may move, as lunar holidays do by the sighting of the moon */
    const char *title, *source; /* Persian; NULL if not known */
};

struct calendar {
    const struct calendar_week *weeks; /* by valid_from */
    size_t week_count;
    const struct calendar_entry *entries; /* by date */
    size_t entry_count;
};

/* Copies everything into the arena, in any order given. NULL if weeks overlap or one of them is empty. */
MUST_USE const struct calendar *calendar_build(struct arena *arena, const struct calendar_week *weeks,
                                               size_t week_count, const struct calendar_entry *entries,
                                               size_t entry_count);

/* From the JSON that a statement returns; members not named here are ignored, those marked ? may be missing
 * or null, and nothing of the document is referred to afterwards:
 *
 * {"weeks": [{"valid_from": "2024-03-20"?, "valid_to": "2026-03-21"?, "working_days": ["sat", "sun", ...]}],
 *  "days":  [{"date": "2026-03-01", "kind": "holiday" | "closure" | "extra_working", "title": "..."?,
 *             "counties": ["1001", ...]?, "from_time": "12:00"?, "counts": false?, "source": "..."?,
 *             "is_certain": true?}]}
 *
 * Missing: no bound of validity, all counties, the whole day, does not count, certain. NULL if it is not of
 * that shape or the weeks are refused by calendar_build() (logged with what is wrong). */
MUST_USE const struct calendar *calendar_parse(struct arena *arena, const json_t *document);

/* Why a day is worked or not. Where entries of several kinds fall on one date the later reason here holds: a
 * closure outdoes an extra working day, which outdoes a holiday. */
enum calendar_reason {
    CALENDAR_WORKING,
    CALENDAR_WEEKEND,
    CALENDAR_NO_WEEK,       /* no pattern is valid on that date: not worked */
    CALENDAR_REMOTE,        /* a closure of the whole day that counts: staff work remotely */
    CALENDAR_PARTIAL,       /* a closure from an hour on that counts */
    CALENDAR_HOLIDAY,       /* never an answer on a weekend: that is off whatever the moon does */
    CALENDAR_EXTRA_WORKING, /* worked though it is a weekend or a holiday */
    CALENDAR_CLOSURE,
    CALENDAR_REASONS
};
extern const char *const calendar_reason_names[CALENDAR_REASONS]; /* "working", "weekend", ... */

struct calendar_why {
    enum calendar_reason reason;
    const struct calendar_entry
        *entry; /* that made it so (the certain one first); NULL for the weekly pattern */
};

/* Is `date` a working day in `county`? Entries with counties are passed over when `county` (a code) is not
 * among them, or NULL. `ret_why` may be NULL. */
bool calendar_day(const struct calendar *calendar, struct date date, const char *county,
                  struct calendar_why *ret_why);

/* {"code", "is_certain", "fa", "en"}: `code` is of calendar_reason_names, `fa` and `en` are phrases for
 * people with the title of the holiday or closure. */
void calendar_write_why(struct buffer *out, struct calendar_why why);

#endif

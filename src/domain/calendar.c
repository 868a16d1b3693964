/* The working calendar of one organisation: built once, then only read.
 *
 * What a date is comes from two sorted lists: the weekly pattern valid on it and the entries that fall on it.
 * Not for reading JSON (calendar_parse.c) nor for counting days (deadline.c). */
#include "domain/calendar.h"

#include <stdlib.h>

const char *const weekday_names[WEEKDAYS] = {"sat", "sun", "mon", "tue", "wed", "thu", "fri"};

const char *const calendar_kind_names[CALENDAR_KINDS] = {
    [CALENDAR_KIND_HOLIDAY] = "holiday",
    [CALENDAR_KIND_CLOSURE] = "closure",
    [CALENDAR_KIND_EXTRA_WORKING] = "extra_working",
};

const char *const calendar_reason_names[CALENDAR_REASONS] = {
    [CALENDAR_WORKING] = "working", [CALENDAR_WEEKEND] = "weekend",
    [CALENDAR_NO_WEEK] = "no_week", [CALENDAR_REMOTE] = "remote",
    [CALENDAR_PARTIAL] = "partial", [CALENDAR_HOLIDAY] = "holiday",
    [CALENDAR_CLOSURE] = "closure", [CALENDAR_EXTRA_WORKING] = "extra_working",
};

static int compare_dates(struct date a, struct date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return (a.day > b.day) - (a.day < b.day);
}

enum weekday weekday_of(struct date date)
{
    int64_t since_saturday = (date_to_days(date) + WEEKDAY_THU) % WEEKDAYS; /* 1970-01-01 was a Thursday */
    return (enum weekday)(since_saturday < 0 ? since_saturday + WEEKDAYS : since_saturday);
}

/* --- building ------------------------------------------------------------------------------------ */

static int compare_weeks(const void *a, const void *b)
{
    return compare_dates(((const struct calendar_week *)a)->valid_from,
                         ((const struct calendar_week *)b)->valid_from);
}

static int compare_entries(const void *a, const void *b)
{
    return compare_dates(((const struct calendar_entry *)a)->date, ((const struct calendar_entry *)b)->date);
}

static bool is_in_sequence(const struct calendar_week *weeks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (compare_dates(weeks[i].valid_from, weeks[i].valid_to) >= 0)
            return false;
        if (i > 0 && compare_dates(weeks[i - 1].valid_to, weeks[i].valid_from) > 0)
            return false;
    }
    return true;
}

static const char *copy_text(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static struct calendar_entry copy_entry(struct arena *arena, const struct calendar_entry *entry)
{
    const char **counties = arena_alloc_array(arena, entry->county_count, sizeof *counties);
    for (size_t i = 0; i < entry->county_count; i++)
        counties[i] = arena_strdup(arena, entry->counties[i]);

    struct calendar_entry copy = *entry;
    copy.counties = counties;
    copy.title = copy_text(arena, entry->title);
    copy.source = copy_text(arena, entry->source);
    return copy;
}

const struct calendar *calendar_build(struct arena *arena, const struct calendar_week *weeks,
                                      size_t week_count, const struct calendar_entry *entries,
                                      size_t entry_count)
{
    struct calendar_week *own_weeks = arena_alloc_array(arena, week_count, sizeof *own_weeks);
    for (size_t i = 0; i < week_count; i++)
        own_weeks[i] = weeks[i];
    qsort(own_weeks, week_count, sizeof *own_weeks, compare_weeks);
    if (!is_in_sequence(own_weeks, week_count))
        return NULL;

    struct calendar_entry *own_entries = arena_alloc_array(arena, entry_count, sizeof *own_entries);
    for (size_t i = 0; i < entry_count; i++)
        own_entries[i] = copy_entry(arena, &entries[i]);
    qsort(own_entries, entry_count, sizeof *own_entries, compare_entries);

    struct calendar *calendar = arena_alloc(arena, sizeof *calendar);
    *calendar = (struct calendar){own_weeks, week_count, own_entries, entry_count};
    return calendar;
}

/* --- reading ------------------------------------------------------------------------------------- */

/* NULL where no pattern is valid. */
static const struct calendar_week *find_week(const struct calendar *calendar, struct date date)
{
    size_t low = 0, high = calendar->week_count; /* the last that begins no later than `date` is low - 1 */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_dates(calendar->weeks[middle].valid_from, date) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct calendar_week *week = low > 0 ? &calendar->weeks[low - 1] : NULL;
    return week && compare_dates(date, week->valid_to) < 0 ? week : NULL;
}

/* The first entry on or after `date`. */
static size_t find_entries(const struct calendar *calendar, struct date date)
{
    size_t low = 0, high = calendar->entry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_dates(calendar->entries[middle].date, date) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool concerns(const struct calendar_entry *entry, const char *county)
{
    if (entry->county_count == 0)
        return true;
    for (size_t i = 0; county && i < entry->county_count; i++)
        if (strcmp(entry->counties[i], county) == 0)
            return true;
    return false;
}

static enum calendar_reason reason_of(const struct calendar_entry *entry)
{
    switch (entry->kind) {
    case CALENDAR_KIND_HOLIDAY:
        return CALENDAR_HOLIDAY;
    case CALENDAR_KIND_EXTRA_WORKING:
        return CALENDAR_EXTRA_WORKING;
    default:
        break;
    }
    if (!entry->counts)
        return CALENDAR_CLOSURE;
    return entry->from_minute > 0 ? CALENDAR_PARTIAL : CALENDAR_REMOTE;
}

static bool outdoes(const struct calendar_entry *entry, const struct calendar_why *why)
{
    enum calendar_reason reason = reason_of(entry);
    if (!why->entry || reason != why->reason)
        return !why->entry || reason > why->reason;
    return entry->is_certain && !why->entry->is_certain;
}

/* What the entries alone say about a date; WORKING when they say nothing. */
static struct calendar_why judge_entries(const struct calendar *calendar, struct date date,
                                         const char *county)
{
    struct calendar_why why = {CALENDAR_WORKING, NULL};
    for (size_t i = find_entries(calendar, date);
         i < calendar->entry_count && compare_dates(calendar->entries[i].date, date) == 0; i++) {
        const struct calendar_entry *entry = &calendar->entries[i];
        if (concerns(entry, county) && outdoes(entry, &why))
            why = (struct calendar_why){reason_of(entry), entry};
    }
    return why;
}

static enum calendar_reason judge_week(const struct calendar *calendar, struct date date)
{
    const struct calendar_week *week = find_week(calendar, date);
    if (!week)
        return CALENDAR_NO_WEEK;
    return week->working_days & WEEKDAY_BIT(weekday_of(date)) ? CALENDAR_WORKING : CALENDAR_WEEKEND;
}

static bool is_worked(enum calendar_reason reason)
{
    static const bool worked[CALENDAR_REASONS] = {
        [CALENDAR_WORKING] = true,
        [CALENDAR_REMOTE] = true,
        [CALENDAR_PARTIAL] = true,
        [CALENDAR_EXTRA_WORKING] = true,
    };
    return worked[reason];
}

bool calendar_day(const struct calendar *calendar, struct date date, const char *county,
                  struct calendar_why *ret_why)
{
    struct calendar_why why = judge_entries(calendar, date, county);
    enum calendar_reason by_week = judge_week(calendar, date);
    if (by_week != CALENDAR_WORKING && why.reason != CALENDAR_EXTRA_WORKING)
        why = (struct calendar_why){by_week, NULL};
    if (ret_why)
        *ret_why = why;
    return is_worked(why.reason);
}

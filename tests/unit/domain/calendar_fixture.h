/* Calendars for tests: gathered by hand, from the CSV files, or at random from a seed. */
#ifndef CALENDAR_FIXTURE_H
#define CALENDAR_FIXTURE_H

#include "domain/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define FIVE_DAYS                                                                                            \
    (WEEKDAY_BIT(WEEKDAY_SAT) | WEEKDAY_BIT(WEEKDAY_SUN) | WEEKDAY_BIT(WEEKDAY_MON) |                        \
     WEEKDAY_BIT(WEEKDAY_TUE) | WEEKDAY_BIT(WEEKDAY_WED))
#define SIX_DAYS (FIVE_DAYS | WEEKDAY_BIT(WEEKDAY_THU))

/* What calendar_build() is to be given. */
struct plan {
    struct calendar_week weeks[8];
    struct calendar_entry entries[512];
    size_t week_count, entry_count;
};

static inline struct date on(const char *text)
{
    struct date date;
    assert_true(date_parse(slice_of(text), &date));
    return date;
}

static inline void plan_week(struct plan *plan, const char *from, const char *to, unsigned working_days)
{
    plan->weeks[plan->week_count++] = (struct calendar_week){from ? on(from) : CALENDAR_BEGINNING,
                                                             to ? on(to) : CALENDAR_FOREVER, working_days};
}

/* A certain, whole day for all counties; the caller may change what is returned. */
static inline struct calendar_entry *plan_entry(struct plan *plan, const char *date, enum calendar_kind kind)
{
    assert_true(plan->entry_count < ARRAY_LEN(plan->entries));
    struct calendar_entry *entry = &plan->entries[plan->entry_count++];
    *entry = (struct calendar_entry){.date = on(date), .kind = kind, .is_certain = true};
    return entry;
}

static inline const struct calendar *build(struct arena *arena, const struct plan *plan)
{
    const struct calendar *calendar =
        calendar_build(arena, plan->weeks, plan->week_count, plan->entries, plan->entry_count);
    assert_non_null(calendar);
    return calendar;
}

/* --- the CSV files: a header, then rows whose first four fields are never quoted -------------------------
 */

struct csv_row {
    char text[1024]; /* the whole line */
    char fields[4][256];
};

static inline FILE *csv_open(const char *path)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    char header[1024];
    assert_non_null(fgets(header, sizeof header, file));
    return file;
}

static inline bool csv_next(FILE *file, struct csv_row *ret)
{
    if (!fgets(ret->text, sizeof ret->text, file))
        return false;
    assert_int_equal(sscanf(ret->text, "%255[^,],%255[^,],%255[^,],%255[^,]", ret->fields[0], ret->fields[1],
                            ret->fields[2], ret->fields[3]),
                     4);
    return true;
}

static inline bool says_uncertain(const struct csv_row *row)
{
    return strstr(row->text, "UNCERTAIN") || strstr(row->text, "may still move");
}

static inline void plan_holidays(struct plan *plan, struct arena *arena)
{
    FILE *file = csv_open(SOURCE_DIR "/data/iran-holidays.csv");
    struct csv_row row;
    while (csv_next(file, &row)) {
        struct calendar_entry *entry = plan_entry(plan, row.fields[0], CALENDAR_KIND_HOLIDAY);
        entry->title = arena_strdup(arena, row.fields[2]);
        entry->is_certain = !says_uncertain(&row);
    }
    fclose(file);
}

static inline void plan_national_closures(struct plan *plan, struct arena *arena)
{
    FILE *file = csv_open(SOURCE_DIR "/data/iran-extraordinary-closures.csv");
    struct csv_row row;
    while (csv_next(file, &row)) {
        if (strcmp(row.fields[2], "national") != 0)
            continue;
        plan_entry(plan, row.fields[0], CALENDAR_KIND_CLOSURE)->title = arena_strdup(arena, row.fields[3]);
    }
    fclose(file);
}

/* --- random, from a seed (splitmix64), so that a failure can be run again ----------------------------------
 */

static inline uint64_t next_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline int random_below(uint64_t *seed, int bound)
{
    return (int)(next_random(seed) % (uint64_t)bound);
}

/* Random calendars say something about these days; dates drawn by random_date() lie well inside. */
#define RANDOM_FIRST_DAY 20089 /* 2025-01-01 */
#define RANDOM_DAYS      600
#define RANDOM_COUNTIES  3

static const char *const random_counties[RANDOM_COUNTIES] = {"1001", "1002", "1003"};

/* A county, or NULL. */
static inline const char *random_county(uint64_t *seed)
{
    int i = random_below(seed, RANDOM_COUNTIES + 1);
    return i < RANDOM_COUNTIES ? random_counties[i] : NULL;
}

static inline struct date random_date(uint64_t *seed)
{
    return date_from_days(RANDOM_FIRST_DAY + 100 + random_below(seed, RANDOM_DAYS - 200));
}

static inline struct calendar_entry random_entry(uint64_t *seed)
{
    int first = random_below(seed, RANDOM_COUNTIES), most = RANDOM_COUNTIES - first;
    return (struct calendar_entry){
        .date = date_from_days(RANDOM_FIRST_DAY + random_below(seed, RANDOM_DAYS)),
        .kind = (enum calendar_kind)random_below(seed, CALENDAR_KINDS),
        .counties = &random_counties[first],
        .county_count = (size_t)random_below(seed, most + 1),
        .from_minute = random_below(seed, 2) ? random_below(seed, 1440) : 0,
        .counts = random_below(seed, 3) == 0,
        .is_certain = random_below(seed, 4) > 0,
        .title = "روز",
    };
}

/* One to three patterns of one to seven days that meet, perhaps with a gap of a week, and up to 250 entries.
 */
static inline void plan_at_random(struct plan *plan, uint64_t *seed)
{
    struct date begins = CALENDAR_BEGINNING;
    for (int last = random_below(seed, 3); plan->week_count <= (size_t)last; plan->week_count++) {
        bool is_last = plan->week_count == (size_t)last;
        int64_t ends = RANDOM_FIRST_DAY + 200 * ((int64_t)plan->week_count + 1);
        plan->weeks[plan->week_count] =
            (struct calendar_week){begins, is_last ? CALENDAR_FOREVER : date_from_days(ends),
                                   1 + (unsigned)random_below(seed, (1 << WEEKDAYS) - 1)};
        begins = date_from_days(ends + (random_below(seed, 3) == 0 ? 7 : 0));
    }
    for (int left = random_below(seed, 250); left > 0; left--)
        plan->entries[plan->entry_count++] = random_entry(seed);
}

/* Like assert_true(), but says which random case it was. */
#define holds(seed, condition)                                                                               \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fail_msg("case %llu: %s", (unsigned long long)(seed), #condition);                               \
    } while (0)

#endif

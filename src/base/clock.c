/* What time it is, here and in the zone of the promises. Arithmetic of dates and their text is date.c.
 *
 * Not a source of state: open, closed and overdue are computed from an instant by whoever asks. The zone is
 * set once, before threads start; localtime_r() reads it under glibc's own lock ever after. */
#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static _Atomic int64_t offset_us;

static int64_t read_clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * CLOCK_SECOND_US + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_clock_us(CLOCK_REALTIME) + clock_offset_us();
}

int64_t clock_mono_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}

void clock_adjust(int64_t database_now_us)
{
    atomic_store_explicit(&offset_us, database_now_us - read_clock_us(CLOCK_REALTIME), memory_order_relaxed);
}

int64_t clock_offset_us(void)
{
    return atomic_load_explicit(&offset_us, memory_order_relaxed);
}

/* tzset() takes an unknown zone for UTC without a word, so look for its file first. */
static bool zone_is_known(const char *zone)
{
    size_t len = strlen(zone);
    if (len == 0 || len > 64 || zone[0] == '/' || strstr(zone, ".."))
        return false;
    const char *folder = getenv("TZDIR");
    char path[512], magic[4] = "";
    int written = snprintf(path, sizeof path, "%s/%s", folder ? folder : "/usr/share/zoneinfo", zone);
    if (written < 0 || (size_t)written >= sizeof path)
        return false;
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t got = fread(magic, 1, sizeof magic, file);
    fclose(file);
    return got == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
}

bool clock_zone_set(const char *zone)
{
    if (!zone_is_known(zone) || setenv("TZ", zone, 1) != 0)
        return false;
    tzset();
    if (strcmp(zone, "Asia/Tehran") != 0)
        return true;
    /* Iran dropped summer time in 2022; older tzdata would put every deadline of a summer an hour off. */
    struct local_time probe = clock_local(INT64_C(1782907200) * CLOCK_SECOND_US); /* 2026-07-01T12:00Z */
    return probe.hour == 15 && probe.minute == 30;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

struct local_time clock_local(int64_t instant_us)
{
    time_t seconds = floor_div(instant_us, CLOCK_SECOND_US);
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    return (struct local_time){
        .date = {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday},
        .hour = tm.tm_hour,
        .minute = tm.tm_min,
        .second = tm.tm_sec,
        .microsecond = (int)(instant_us - seconds * CLOCK_SECOND_US),
    };
}

static int64_t zone_offset_us(int64_t instant_us)
{
    time_t seconds = floor_div(instant_us, CLOCK_SECOND_US);
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    return tm.tm_gmtoff * CLOCK_SECOND_US;
}

/* `before` and `after` are the offsets on both sides of a change, if there is one that day. The older offset
 * holds whenever it leads to an instant where it is in force (so the first of two), and in a gap, where
 * neither does. */
int64_t clock_from_local(struct local_time local)
{
    int64_t seconds = date_to_days(local.date) * 86400 + local.hour * 3600 + local.minute * 60 + local.second;
    int64_t as_utc = seconds * CLOCK_SECOND_US + local.microsecond;
    int64_t before = zone_offset_us(as_utc - CLOCK_DAY_US), after = zone_offset_us(as_utc + CLOCK_DAY_US);
    if (zone_offset_us(as_utc - before) == before || zone_offset_us(as_utc - after) != after)
        return as_utc - before;
    return as_utc - after;
}

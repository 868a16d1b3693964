/* The explanation of a deadline as JSON: one row a day, each with a code for programs and a phrase for
 * people. Written piece by piece: with printf it was a tenth of following a case.
 *
 * Not for the dates themselves (deadline.c). Digits and names of months are the client's. */
#include "base/jalali.h"
#include "domain/deadline.h"

#define PHRASE_MAX 16384 /* bytes; the contract keeps titles far below */

enum language { LANGUAGE_FA, LANGUAGE_EN, LANGUAGES };

static const char *const day_zero_phrases[LANGUAGES] = {
    "روز دریافت؛ شمارش از روز کاری بعد آغاز می‌شود",
    "Day of receipt; counting starts with the next working day",
};

static const char *const phrases[CALENDAR_REASONS][LANGUAGES] = {
    [CALENDAR_WORKING] = {"روز کاری", "Working day"},
    [CALENDAR_WEEKEND] = {"تعطیل هفتگی", "Weekend"},
    [CALENDAR_NO_WEEK] = {"هفتهٔ کاری این روز تعیین نشده است", "No working week is set for this day"},
    [CALENDAR_REMOTE] = {"دورکاری؛ روز کاری شمرده می‌شود",
                         "Remote work; counts as a working day"},
    [CALENDAR_PARTIAL] = {"تعطیلی بخشی از روز؛ روز کاری شمرده می‌شود",
                          "Closed for part of the day; counts as a working day"},
    [CALENDAR_HOLIDAY] = {"تعطیل رسمی", "Public holiday"},
    [CALENDAR_EXTRA_WORKING] = {"روز کاری اضافی", "Extra working day"},
    [CALENDAR_CLOSURE] = {"تعطیلی فوق‌العاده", "Extraordinary closure"},
};

static const char *const from_phrases[LANGUAGES] = {"، از ساعت", ", from"};
static const char *const uncertain_phrases[LANGUAGES] = {" (تاریخ قطعی نیست)", " (date not certain)"};

/* "Public holiday: TITLE (date not certain)" */
static void append_entry(struct buffer *phrase, const struct calendar_entry *entry, enum language language)
{
    if (entry->title && *entry->title)
        buffer_printf(phrase, ": %s", entry->title);
    if (entry->from_minute > 0)
        buffer_printf(phrase, "%s %02d:%02d", from_phrases[language], entry->from_minute / 60,
                      entry->from_minute % 60);
    if (!entry->is_certain)
        buffer_str(phrase, uncertain_phrases[language]);
}

static void write_phrase(struct buffer *out, struct calendar_why why, bool is_day_zero,
                         enum language language)
{
    const char *plain = is_day_zero ? day_zero_phrases[language] : phrases[why.reason][language];
    if (!why.entry || is_day_zero) {
        buffer_json_string(out, slice_of(plain));
        return;
    }
    CLEANUP(buffer_done) struct buffer phrase;
    buffer_init(&phrase, PHRASE_MAX);
    buffer_str(&phrase, plain);
    append_entry(&phrase, why.entry, language);
    buffer_json_string(out, buffer_view(&phrase));
}

static void write_why(struct buffer *out, struct calendar_why why, bool is_day_zero)
{
    bool is_certain = is_day_zero || !why.entry || why.entry->is_certain;
    buffer_str(out, "{\"code\":\"");
    buffer_str(out, is_day_zero ? "day_zero" : calendar_reason_names[why.reason]);
    buffer_str(out, is_certain ? "\",\"is_certain\":true,\"fa\":" : "\",\"is_certain\":false,\"fa\":");
    write_phrase(out, why, is_day_zero, LANGUAGE_FA);
    buffer_str(out, ",\"en\":");
    write_phrase(out, why, is_day_zero, LANGUAGE_EN);
    buffer_char(out, '}');
}

void calendar_write_why(struct buffer *out, struct calendar_why why)
{
    write_why(out, why, false);
}

static void write_day(struct buffer *out, const struct deadline_day *day, bool is_day_zero)
{
    char gregorian[CLOCK_TEXT_MAX], jalali[CLOCK_TEXT_MAX];
    size_t gregorian_len = date_format(day->date, gregorian),
           jalali_len = date_format(jalali_from_gregorian(day->date), jalali);
    buffer_str(out, "{\"date\":\"");
    buffer_append(out, gregorian, gregorian_len);
    buffer_str(out, "\",\"date_jalali\":\"");
    buffer_append(out, jalali, jalali_len);
    buffer_str(out, "\",\"counted\":");
    buffer_int(out, day->counted);
    buffer_str(out, ",\"why\":");
    write_why(out, day->why, is_day_zero);
    buffer_char(out, '}');
}

void deadline_write_days(struct buffer *out, const struct deadline *deadline)
{
    buffer_char(out, '[');
    for (size_t i = 0; i < deadline->day_count; i++) {
        if (i > 0)
            buffer_char(out, ',');
        write_day(out, &deadline->days[i], i == 0);
    }
    buffer_char(out, ']');
}

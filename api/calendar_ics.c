/* RFC 5545: lines end in CRLF, long ones are folded at 75 octets between characters, text escapes its commas. No
 * two events of a calendar have one UID: what was entered twice is told once. */
#include "calendar_ics.h"

#include "base/crypto.h"
#include "base/jalali.h"

#define YEAR_DAYS 366
#define UID_MAX   160 /* of a slug of 64, and more than enough */
#define LINE_MOST 73  /* octets before a fold; 75 with the blank and to spare */

/* Appends `line`, folded. */
static void put_line(struct buffer *out, struct slice line)
{
    size_t column = 0;
    for (size_t i = 0; i < line.len; i++) {
        bool is_inside_character = ((unsigned char)line.data[i] & 0xc0) == 0x80;
        if (column >= LINE_MOST - 3 && !is_inside_character) {
            buffer_str(out, "\r\n ");
            column = 1;
        }
        buffer_char(out, line.data[i]);
        column++;
    }
    buffer_str(out, "\r\n");
}

static void put_text(struct buffer *out, const char *name, struct slice text)
{
    CLEANUP(buffer_done) struct buffer line;
    buffer_init(&line, 16 * 1024);
    buffer_printf(&line, "%s:", name);
    for (const char *c = text.data; c < text.data + text.len; c++) {
        if (*c == '\\' || *c == ';' || *c == ',')
            buffer_char(&line, '\\');
        if (*c == '\n')
            buffer_str(&line, "\\n");
        else if (*c != '\r') /* lenient readers end a line there */
            buffer_char(&line, *c);
    }
    put_line(out, buffer_view(&line));
}

static void put_date(struct buffer *out, const char *name, struct date date)
{
    buffer_printf(out, "%s;VALUE=DATE:%04d%02d%02d\r\n", name, date.year, date.month, date.day);
}

static void put_stamp(struct buffer *out, int64_t now_us)
{
    int64_t seconds = now_us / CLOCK_SECOND_US % 86400;
    struct date date = date_from_days(now_us / CLOCK_DAY_US);
    buffer_printf(out, "DTSTAMP:%04d%02d%02dT%02d%02d%02dZ\r\n", date.year, date.month, date.day,
                  (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
}

/* The same for the same entry, whatever else the calendar has. */
static void uid_of(const char *slug, const struct calendar_entry *entry, char ret[UID_MAX])
{
    CLEANUP(buffer_done) struct buffer text;
    char date[CLOCK_TEXT_MAX];
    uint8_t digest[DIGEST_LEN];
    buffer_init(&text, SIZE_MAX);
    buffer_printf(&text, "%s", entry->title ? entry->title : "");
    if (entry->from_minute > 0 || entry->counts)
        buffer_printf(&text, "\n%d %d", entry->from_minute, entry->counts);
    for (size_t i = 0; i < entry->county_count; i++)
        buffer_printf(&text, "\n%s", entry->counties[i]);
    crypto_sha256(buffer_view(&text), digest);
    date_format(entry->date, date);
    snprintf(ret, UID_MAX, "%s-%s-%02x%02x%02x%02x-%s@mosharekat", date, calendar_kind_names[entry->kind],
             digest[0], digest[1], digest[2], digest[3], slug);
}

static void put_summary(struct buffer *out, const struct calendar_entry *entry)
{
    CLEANUP(buffer_done) struct buffer text;
    buffer_init(&text, SIZE_MAX);
    buffer_str(&text, entry->title ? entry->title : calendar_kind_names[entry->kind]);
    if (entry->from_minute > 0)
        buffer_printf(&text, "، از ساعت %02d:%02d", entry->from_minute / 60, entry->from_minute % 60);
    put_text(out, "SUMMARY", buffer_view(&text));
}

/* The day as people here write it, and what a closure means for deadlines. */
static void put_description(struct buffer *out, const struct calendar_entry *entry)
{
    char jalali[CLOCK_TEXT_MAX], text[UID_MAX];
    date_format(jalali_from_gregorian(entry->date), jalali);
    snprintf(text, sizeof text, "%s%s", jalali,
             entry->counts ? "؛ روز کاری شمرده می‌شود" : "");
    put_text(out, "DESCRIPTION", slice_of(text));
}

static void put_event(struct buffer *out, const char *uid, const struct calendar_entry *entry, int64_t now_us)
{
    buffer_str(out, "BEGIN:VEVENT\r\n");
    put_text(out, "UID", slice_of(uid));
    put_stamp(out, now_us);
    put_date(out, "DTSTART", entry->date);
    put_date(out, "DTEND", date_from_days(date_to_days(entry->date) + 1));
    put_summary(out, entry);
    put_description(out, entry);
    buffer_printf(out, "CATEGORIES:%s\r\n", calendar_kind_names[entry->kind]);
    buffer_printf(out, "STATUS:%s\r\n", entry->is_certain ? "CONFIRMED" : "TENTATIVE");
    buffer_str(out, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
}

/* Whether one of the entries before it, on the same date, is the same. */
static bool is_told(const char *slug, const struct calendar *calendar, size_t index, const char *uid)
{
    int64_t day = date_to_days(calendar->entries[index].date);
    while (index-- > 0 && date_to_days(calendar->entries[index].date) == day) {
        char earlier[UID_MAX];
        uid_of(slug, &calendar->entries[index], earlier);
        if (strcmp(earlier, uid) == 0)
            return true;
    }
    return false;
}

static bool concerns(const struct calendar_entry *entry, const char *county)
{
    for (size_t i = 0; county && i < entry->county_count; i++)
        if (strcmp(entry->counties[i], county) == 0)
            return true;
    return entry->county_count == 0;
}

void calendar_write_ics(struct buffer *out, const char *slug, const struct calendar *calendar,
                        const char *county, int64_t now_us)
{
    int64_t today = now_us / CLOCK_DAY_US;
    buffer_str(
        out,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Mosharekat//Calendar//FA\r\nCALSCALE:GREGORIAN\r\n");
    for (size_t i = 0; i < calendar->entry_count; i++) {
        const struct calendar_entry *entry = &calendar->entries[i];
        int64_t away = date_to_days(entry->date) - today;
        char uid[UID_MAX];
        if (away < -YEAR_DAYS || away > YEAR_DAYS || !concerns(entry, county))
            continue;
        uid_of(slug, entry, uid);
        if (!is_told(slug, calendar, i, uid))
            put_event(out, uid, entry, now_us);
    }
    buffer_str(out, "END:VCALENDAR\r\n");
}

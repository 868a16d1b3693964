/* RFC 5545: lines end in CRLF, long ones are folded at 75 octets between characters, text escapes its commas.
 */
#include "calendar_ics.h"

#include "base/crypto.h"

#define YEAR_DAYS 366
#define LINE_MOST 73 /* octets before a fold; 75 with the blank and to spare */

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

static void put_text(struct buffer *out, const char *name, const char *text)
{
    CLEANUP(buffer_done) struct buffer line;
    buffer_init(&line, 16 * 1024);
    buffer_printf(&line, "%s:", name);
    for (const char *c = text; *c; c++) {
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

/* The same for the same day, kind and title, whatever else the calendar has. */
static void put_uid(struct buffer *out, const char *slug, const struct calendar_entry *entry)
{
    char date[CLOCK_TEXT_MAX];
    uint8_t digest[DIGEST_LEN];
    date_format(entry->date, date);
    crypto_sha256(slice_of(entry->title), digest);
    buffer_printf(out, "UID:%s-%s-%02x%02x%02x%02x-%s@mosharekat\r\n", date, calendar_kind_names[entry->kind],
                  digest[0], digest[1], digest[2], digest[3], slug);
}

static void put_event(struct buffer *out, const char *slug, const struct calendar_entry *entry,
                      int64_t now_us)
{
    buffer_str(out, "BEGIN:VEVENT\r\n");
    put_uid(out, slug, entry);
    put_stamp(out, now_us);
    put_date(out, "DTSTART", entry->date);
    put_date(out, "DTEND", date_from_days(date_to_days(entry->date) + 1));
    put_text(out, "SUMMARY", entry->title ? entry->title : calendar_kind_names[entry->kind]);
    buffer_printf(out, "CATEGORIES:%s\r\n", calendar_kind_names[entry->kind]);
    buffer_printf(out, "STATUS:%s\r\n", entry->is_certain ? "CONFIRMED" : "TENTATIVE");
    buffer_str(out, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
}

void calendar_write_ics(struct buffer *out, const char *slug, const struct calendar *calendar, int64_t now_us)
{
    int64_t today = now_us / CLOCK_DAY_US;
    buffer_str(
        out,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Mosharekat//Calendar//FA\r\nCALSCALE:GREGORIAN\r\n");
    for (size_t i = 0; i < calendar->entry_count; i++) {
        const struct calendar_entry *entry = &calendar->entries[i];
        int64_t away = date_to_days(entry->date) - today;
        if (entry->county_count == 0 && away >= -YEAR_DAYS && away <= YEAR_DAYS)
            put_event(out, slug, entry, now_us);
    }
    buffer_str(out, "END:VCALENDAR\r\n");
}

/* Cells and rows. What makes a formula: OWASP, "CSV injection": = + - @ tab CR LF at the beginning, also
 * behind blanks, which some programs drop, and the full-width forms of the signs. What a cell means is not
 * known here. */
#include "base/csv.h"

static size_t skip_blanks(struct slice text)
{
    size_t i = 0;
    while (i < text.len && text.data[i] == ' ')
        i++;
    return i;
}

static bool is_formula(struct slice text)
{
    static const char *const signs[] = {
        "=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    size_t at = skip_blanks(text);
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        size_t len = strlen(signs[i]);
        if (text.len - at >= len && memcmp(text.data + at, signs[i], len) == 0)
            return true;
    }
    return false;
}

/* Semicolons and tabs: they separate cells where the comma is the decimal sign. */
static bool needs_quotes(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(",;\t\"\r\n", text.data[i]))
            return true;
    return text.len > 0 && (text.data[0] == ' ' || text.data[text.len - 1] == ' ');
}

static void begin_cell(struct csv *csv)
{
    if (csv->has_cell)
        buffer_char(csv->out, ',');
    csv->has_cell = true;
}

void csv_text(struct csv *csv, struct slice text)
{
    bool is_defused = is_formula(text), is_quoted = is_defused || needs_quotes(text);
    begin_cell(csv);
    if (is_quoted)
        buffer_char(csv->out, '"');
    if (is_defused)
        buffer_char(csv->out, '\'');
    for (const char *from = text.data, *end = text.data + text.len; from < end;) {
        const char *quote = memchr(from, '"', (size_t)(end - from));
        const char *to = quote ? quote + 1 : end;
        buffer_append(csv->out, from, (size_t)(to - from));
        if (quote)
            buffer_char(csv->out, '"');
        from = to;
    }
    if (is_quoted)
        buffer_char(csv->out, '"');
}

void csv_raw(struct csv *csv, struct slice text)
{
    begin_cell(csv);
    buffer_slice(csv->out, text);
}

void csv_int(struct csv *csv, int64_t n)
{
    begin_cell(csv);
    buffer_int(csv->out, n);
}

void csv_empty(struct csv *csv)
{
    begin_cell(csv);
}

void csv_end_row(struct csv *csv)
{
    buffer_str(csv->out, "\r\n");
    csv->has_cell = false;
}

/* Text in charts. Widths are estimated, in letters of common width: which font a reader has nobody knows. */
#include "chart_text.h"

#include <stdio.h>

/* Capitals, and the letters seen, sheen, sad, zad, are about twice as wide as others. */
static size_t width_at(const char *c)
{
    static const char *const wide[] = {"س", "ش", "ص", "ض"};
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (strncmp(c, wide[i], 2) == 0)
            return 2;
    return (*c >= 'A' && *c <= 'Z') || *c == 'm' || *c == 'w' || *c == '@' || *c == '%' ? 2 : 1;
}

/* The bytes that fit into `width`. */
static size_t bytes_of(struct slice text, size_t width)
{
    size_t i = 0, used = 0;
    for (; i < text.len; i++) {
        if (((unsigned char)text.data[i] & 0xc0) == 0x80)
            continue;
        used += i + 1 < text.len ? width_at(text.data + i) : 1;
        if (used > width)
            break;
    }
    return i;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static struct slice skip_blanks(struct slice text)
{
    while (text.len > 0 && is_blank(*text.data))
        text = (struct slice){text.data + 1, text.len - 1};
    return text;
}

/* Up to the last blank that fits; a word longer than a line is cut. */
static size_t line_end(struct slice text, size_t width)
{
    size_t end = bytes_of(text, width);
    if (end == text.len)
        return end;
    for (size_t i = end + 1; i-- > 1;)
        if (is_blank(text.data[i]))
            return i;
    return end;
}

size_t chart_wrap(struct slice text, size_t width, size_t most, struct slice lines[CHART_LINES_MAX],
                  bool *ret_is_cut)
{
    size_t count = 0;
    text = skip_blanks(text);
    while (text.len > 0 && count < most) {
        size_t end = line_end(text, width);
        lines[count++] = (struct slice){text.data, end};
        text = skip_blanks((struct slice){text.data + end, text.len - end});
    }
    *ret_is_cut = text.len > 0;
    if (*ret_is_cut && count > 0) /* room for the ellipsis */
        lines[count - 1].len = bytes_of(lines[count - 1], width - 1);
    return count;
}

void chart_escape(struct buffer *out, struct slice text)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (size_t i = 0; i < text.len; i++) {
        size_t e = 0;
        while (e < ARRAY_LEN(entities) && entities[e].c != text.data[i])
            e++;
        if (e < ARRAY_LEN(entities))
            buffer_str(out, entities[e].entity);
        else
            buffer_char(out, text.data[i]);
    }
}

void chart_digits(struct buffer *out, struct slice text, bool is_english)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (is_english || (c != '.' && (c < '0' || c > '9')))
            buffer_char(out, c);
        else if (c == '.')
            buffer_str(out, "٫");
        else
            buffer_printf(out, "\xdb%c", 0xb0 + c - '0'); /* U+06F0 and on */
    }
}

void chart_number(struct buffer *out, double number, bool is_english)
{
    char text[40];
    int len = snprintf(text, sizeof text, "%.1f", number);
    if (len > 2 && text[len - 1] == '0') /* "12.0" */
        len -= 2;
    chart_digits(out, (struct slice){text, (size_t)len}, is_english);
}

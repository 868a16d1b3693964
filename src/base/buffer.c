/* Growing bytes with a maximum, and the JSON string writer that every reply goes through.
 *
 * Not for text that lives as long as a request (arena_printf) and not for JSON trees (jansson). The
 * capacity doubles; one byte more than it is always allocated, for the NUL behind the content. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 512

void buffer_init(struct buffer *buffer, size_t max)
{
    *buffer = (struct buffer){.max = max};
}

void buffer_done(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->overflow = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

static void buffer_grow(struct buffer *buffer, size_t need)
{
    size_t cap = buffer->cap > 0 ? buffer->cap : FIRST_CAPACITY;
    while (cap < need)
        cap = cap > buffer->max / 2 ? buffer->max : cap * 2;
    if (cap > buffer->max)
        cap = buffer->max;
    char *data = realloc(buffer->data, cap + 1);
    if (!data)
        abort();
    buffer->data = data;
    buffer->cap = cap;
}

/* Room for `len` more bytes, or overflow: once that happened nothing more is taken, so that the content is
 * a prefix of what was meant and not a text with holes. */
static bool buffer_reserve(struct buffer *buffer, size_t len)
{
    if (buffer->overflow || len > buffer->max - buffer->len) {
        buffer->overflow = true;
        return false;
    }
    if (!buffer->data || buffer->cap - buffer->len < len)
        buffer_grow(buffer, buffer->len + len);
    return true;
}

void buffer_append(struct buffer *buffer, const void *data, size_t len)
{
    if (!buffer_reserve(buffer, len))
        return;
    if (len > 0)
        memcpy(buffer->data + buffer->len, data, len);
    buffer->len += len;
    buffer->data[buffer->len] = '\0';
}

void buffer_str(struct buffer *buffer, const char *cstr)
{
    buffer_append(buffer, cstr, strlen(cstr));
}

void buffer_slice(struct buffer *buffer, struct slice s)
{
    buffer_append(buffer, s.data, s.len);
}

void buffer_char(struct buffer *buffer, char c)
{
    buffer_append(buffer, &c, 1);
}

void buffer_int(struct buffer *buffer, int64_t n)
{
    char digits[20]; /* "-9223372036854775808" */
    size_t at = sizeof digits;
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (n < 0)
        digits[--at] = '-';
    buffer_append(buffer, digits + at, sizeof digits - at);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        abort();
    if (buffer_reserve(buffer, (size_t)len)) {
        vsnprintf(buffer->data + buffer->len, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
}

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* Non-zero if one of eight bytes is a quote, a backslash or below U+0020. Each term borrows into the high bit
 * of a byte that is too small; `& ~word` leaves the bytes of multi-byte characters out. */
static uint64_t escapes_in(uint64_t word)
{
    uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\');
    return ((word - EACH_BYTE(0x20)) | (quote - EACH_BYTE(1)) | (backslash - EACH_BYTE(1))) & ~word &
           EACH_BYTE(0x80);
}

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

static size_t plain_prefix(const char *data, size_t len)
{
    size_t at = 0;
    for (uint64_t word; len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, data + at, sizeof word);
        if (escapes_in(word))
            break;
    }
    while (at < len && !needs_escape((unsigned char)data[at]))
        at++;
    return at;
}

static void append_escape(struct buffer *buffer, unsigned char c)
{
    static const char letters[] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['"'] = '"', ['\\'] = '\\',
    };
    if (letters[c])
        buffer_append(buffer, (char[]){'\\', letters[c]}, 2);
    else
        buffer_printf(buffer, "\\u%04x", c);
}

void buffer_json_string(struct buffer *buffer, struct slice s)
{
    buffer_char(buffer, '"');
    while (s.len > 0) {
        size_t plain = plain_prefix(s.data, s.len);
        buffer_append(buffer, s.data, plain);
        if (plain == s.len)
            break;
        append_escape(buffer, (unsigned char)s.data[plain]);
        s = (struct slice){s.data + plain + 1, s.len - plain - 1};
    }
    buffer_char(buffer, '"');
}

char *buffer_steal(struct buffer *buffer, size_t *ret_len)
{
    if (!buffer->data)
        buffer_append(buffer, NULL, 0);
    char *data = buffer->data;
    *ret_len = buffer->len;
    *buffer = (struct buffer){.max = buffer->max};
    return data;
}

/* Splitting and percent-decoding. What the names mean is parameters.c's business. */
#include "query.h"

#include "base/text.h"

bool query_next(struct slice *rest, struct query_pair *ret)
{
    while (rest->len > 0) {
        const char *end = memchr(rest->data, '&', rest->len);
        struct slice raw = {rest->data, end ? (size_t)(end - rest->data) : rest->len};
        size_t step = raw.len + (end ? 1 : 0);
        rest->data += step;
        rest->len -= step;
        if (raw.len == 0)
            continue;

        const char *equals = memchr(raw.data, '=', raw.len);
        size_t name_len = equals ? (size_t)(equals - raw.data) : raw.len;
        ret->raw = raw;
        ret->name = (struct slice){raw.data, name_len};
        ret->value = equals ? (struct slice){equals + 1, raw.len - name_len - 1} : (struct slice){"", 0};
        return true;
    }
    return false;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that an escape at `at` stands for; -1 when it is broken or NUL. */
static int escaped_byte(const char *at, const char *end)
{
    if (end - at < 3)
        return -1;
    int high = hex_digit(at[1]), low = hex_digit(at[2]);
    return high < 0 || low < 0 || high + low == 0 ? -1 : high << 4 | low;
}

static bool unescape(struct arena *arena, struct slice s, bool plus_is_blank, struct slice *ret)
{
    char *out = arena_alloc(arena, s.len + 1), *to = out;
    const char *end = s.data + s.len;
    for (const char *at = s.data; at < end; at++) {
        int byte = (unsigned char)*at;
        if (*at == '%') {
            byte = escaped_byte(at, end);
            at += 2;
        } else if (*at == '+' && plus_is_blank) {
            byte = ' ';
        }
        if (byte <= 0)
            return false;
        *to++ = (char)byte;
    }
    *ret = (struct slice){out, (size_t)(to - out)};
    return true;
}

static bool is_plain(struct slice s, bool plus_is_blank)
{
    return !memchr(s.data, '%', s.len) && !(plus_is_blank && memchr(s.data, '+', s.len)) &&
           !memchr(s.data, '\0', s.len);
}

bool query_decode(struct arena *arena, struct slice s, bool plus_is_blank, struct slice *ret)
{
    struct slice decoded = s;
    if (!is_plain(s, plus_is_blank) && !unescape(arena, s, plus_is_blank, &decoded))
        return false;
    if (!text_is_utf8(decoded))
        return false;
    *ret = decoded;
    return true;
}

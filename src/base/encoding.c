/* base64url and hex: bytes that must pass through headers, URLs and JSON. Declared in crypto.h, because
 * digests and cursors are what is spelt so; nothing here is secret-dependent arithmetic. */
#include "base/crypto.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *crypto_base64url(struct arena *arena, const void *data, size_t len)
{
    char *text = arena_alloc(arena, len / 3 * 4 + 5), *end = text;
    const uint8_t *bytes = data;
    uint32_t bits = 0;
    int pending = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (pending += 8; pending >= 6; pending -= 6)
            *end++ = alphabet[bits >> (pending - 6) & 63];
    }
    if (pending > 0)
        *end = alphabet[bits << (6 - pending) & 63];
    return text;
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* One text for one value: a length that no encoder makes and bits left over are refused, or a cursor could
 * be changed without its bytes changing. */
bool crypto_base64url_decode(struct slice text, void *out, size_t max, size_t *ret_len)
{
    size_t len = text.len / 4 * 3 + text.len % 4 * 3 / 4;
    if (text.len % 4 == 1 || len > max)
        return false;
    uint8_t *bytes = out;
    uint32_t bits = 0;
    int pending = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = sextet(text.data[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        pending += 6;
        if (pending >= 8)
            *bytes++ = (uint8_t)(bits >> (pending -= 8));
    }
    if (bits & ((1U << pending) - 1))
        return false;
    *ret_len = len;
    return true;
}

char *crypto_hex(struct arena *arena, const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(arena, 2 * len + 1);
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return text;
}

/* Reading UTF-8 by code points, for the text functions of this folder. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/slice.h"

#include <stdint.h>

/* How many bytes at the front of `s` are valid UTF-8: s.len when all are. */
size_t utf8_valid_prefix(struct slice s);

/* The code point at `at` of valid UTF-8, and its length in bytes. */
static inline uint32_t utf8_at(const char *at, size_t *ret_len)
{
    const unsigned char *b = (const unsigned char *)at;
    if (b[0] < 0x80) {
        *ret_len = 1;
        return b[0];
    }
    if (b[0] < 0xe0) {
        *ret_len = 2;
        return (b[0] & 0x1fU) << 6 | (b[1] & 0x3fU);
    }
    if (b[0] < 0xf0) {
        *ret_len = 3;
        return (b[0] & 0x0fU) << 12 | (b[1] & 0x3fU) << 6 | (b[2] & 0x3fU);
    }
    *ret_len = 4;
    return (b[0] & 0x07U) << 18 | (b[1] & 0x3fU) << 12 | (b[2] & 0x3fU) << 6 | (b[3] & 0x3fU);
}

/* Writes `c` at `out` (room for four bytes) and returns the end. */
static inline char *utf8_put(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3f));
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *out++ = (char)(0x80 | (c & 0x3f));
    return out;
}

#endif

/* UUIDs: made (version 7, version 8), read and written. Not a source of secrets: an id may be guessed near
 * others of its millisecond, so what must not be guessed is keyed (crypto.h). */
#include "base/uuid.h"

#include <uuid/uuid.h>

#define DASH_BEFORE(byte) ((byte) == 4 || (byte) == 6 || (byte) == 8 || (byte) == 10)

static struct uuid with_version(struct uuid id, unsigned version)
{
    id.bytes[6] = (uint8_t)((version << 4) | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

/* 48 bits of milliseconds, then in the 12 bits of rand_a the fraction of the millisecond (RFC 9562 section
 * 6.2, method 3), so that ids of one server sort by time well below a millisecond. */
struct uuid uuid_new(int64_t now_us)
{
    struct uuid id;
    uuid_generate_random(id.bytes);
    uint64_t us = now_us > 0 ? (uint64_t)now_us : 0;
    uint64_t ms = us / 1000, fraction = us % 1000 * 4096 / 1000;
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    id.bytes[6] = (uint8_t)(fraction >> 8);
    id.bytes[7] = (uint8_t)fraction;
    return with_version(id, 7);
}

struct uuid uuid_from_digest(const uint8_t digest[32])
{
    struct uuid id;
    memcpy(id.bytes, digest, sizeof id.bytes);
    return with_version(id, 8);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_parse_text(struct slice text, struct uuid *ret)
{
    if (text.len != UUID_TEXT_LEN)
        return false;
    struct uuid id;
    const char *at = text.data;
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        if (DASH_BEFORE(i) && *at++ != '-')
            return false;
        int high = hex_value(*at++), low = hex_value(*at++);
        if (high < 0 || low < 0)
            return false;
        id.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *ret = id;
    return true;
}

void uuid_format(struct uuid id, char out[UUID_TEXT_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        if (DASH_BEFORE(i))
            *out++ = '-';
        *out++ = digits[id.bytes[i] >> 4];
        *out++ = digits[id.bytes[i] & 15];
    }
    *out = '\0';
}

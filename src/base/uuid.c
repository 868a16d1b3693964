/* UUIDs: made (version 7, version 8) here, read and written by libuuid. Not a source of secrets: an id tells
 * its time, and what must not be guessed is keyed (crypto.h).
 *
 * libuuid makes no version 7, and its random bytes cost three system calls an id (2.6 us); a thread takes
 * its own from the kernel by the half kilobyte instead. */
#include "base/uuid.h"

#include "base/crypto.h"

#include <uuid/uuid.h>

#define POOL_LEN   512
#define RANDOM_LEN 8 /* of one id: rand_b and the two bits that the variant takes */

static struct uuid with_version(struct uuid id, unsigned version)
{
    id.bytes[6] = (uint8_t)((version << 4) | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

/* Takes its bytes out of the pool for good, so that none is used twice. */
static void take_random(uint8_t out[RANDOM_LEN])
{
    static _Thread_local uint8_t pool[POOL_LEN];
    static _Thread_local size_t left;
    if (left == 0) {
        crypto_random(pool, sizeof pool);
        left = sizeof pool;
    }
    left -= RANDOM_LEN;
    memcpy(out, pool + left, RANDOM_LEN);
}

/* 48 bits of milliseconds, then in the 12 bits of rand_a the fraction of the millisecond (RFC 9562 section
 * 6.2, method 3), so that ids of one server sort by time well below a millisecond. */
struct uuid uuid_new(int64_t now_us)
{
    struct uuid id;
    uint64_t us = now_us > 0 ? (uint64_t)now_us : 0;
    uint64_t ms = us / 1000, fraction = us % 1000 * 4096 / 1000;
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    id.bytes[6] = (uint8_t)(fraction >> 8);
    id.bytes[7] = (uint8_t)fraction;
    take_random(id.bytes + 8);
    return with_version(id, 7);
}

struct uuid uuid_from_digest(const uint8_t digest[32])
{
    struct uuid id;
    memcpy(id.bytes, digest, sizeof id.bytes);
    return with_version(id, 8);
}

bool uuid_parse_text(struct slice text, struct uuid *ret)
{
    struct uuid id;
    if (text.len != UUID_TEXT_LEN || uuid_parse_range(text.data, text.data + text.len, id.bytes) != 0)
        return false;
    *ret = id;
    return true;
}

void uuid_format(struct uuid id, char out[UUID_TEXT_LEN + 1])
{
    uuid_unparse_lower(id.bytes, out);
}

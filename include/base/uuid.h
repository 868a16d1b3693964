/* UUIDs: version 7 for new rows (RFC 9562 section 5.7), version 8 derived from an Idempotency-Key. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

#define UUID_TEXT_LEN 36

struct uuid {
    uint8_t bytes[16];
};

struct uuid uuid_new(int64_t now_us);                               /* version 7 */
struct uuid uuid_from_digest(const uint8_t digest[32]);             /* version 8: the first 122 free bits */
MUST_USE bool uuid_parse_text(struct slice text, struct uuid *ret); /* 8-4-4-4-12 hex, any case */
void uuid_format(struct uuid id, char out[UUID_TEXT_LEN + 1]);      /* lower case */

static inline bool uuid_equal(struct uuid a, struct uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

#endif

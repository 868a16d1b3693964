/* Cursors: packing a keyset position, and refusing every one that this server did not write for this list.
 * What the scope is made of is decided by the caller (parameters.c). */
#include "cursor.h"

#include <endian.h>

#define MAC_LEN 8

struct packed {
    uint64_t at;
    struct uuid id;
    uint8_t mac[MAC_LEN];
};

static void seal(const struct secret *key, struct slice scope, struct packed *packed)
{
    uint8_t digest[DIGEST_LEN];
    struct slice parts[] = {scope, {(const char *)packed, offsetof(struct packed, mac)}};
    crypto_hmac(key, parts, ARRAY_LEN(parts), digest);
    memcpy(packed->mac, digest, MAC_LEN);
}

char *cursor_write(struct arena *arena, const struct secret *key, struct slice scope, struct cursor cursor)
{
    struct packed packed = {.at = htobe64((uint64_t)cursor.at_us), .id = cursor.id};
    seal(key, scope, &packed);
    return crypto_base64url(arena, &packed, sizeof packed);
}

bool cursor_read(const struct secret *key, struct slice scope, struct slice text, struct cursor *ret_cursor)
{
    struct packed told;
    size_t len = 0;
    if (!crypto_base64url_decode(text, &told, sizeof told, &len) || len != sizeof told)
        return false;

    struct packed right = {.at = told.at, .id = told.id};
    seal(key, scope, &right);
    if (!crypto_equal(told.mac, right.mac, MAC_LEN))
        return false;
    *ret_cursor = (struct cursor){(int64_t)be64toh(told.at), told.id};
    return true;
}

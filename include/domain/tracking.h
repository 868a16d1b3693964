/* Tracking codes: the citizen's door (DESIGN 5). 19 digits from an HMAC of the row's id under the server's
 * secret and a check digit (Damm: every single wrong digit and every swap of neighbours is caught). Nothing
 * is stored but another keyed hash of the code. */
#ifndef DOMAIN_TRACKING_H
#define DOMAIN_TRACKING_H

#include "base/arena.h"
#include "base/crypto.h"
#include "base/uuid.h"

#define TRACKING_DIGITS   20
#define TRACKING_TEXT_MAX (TRACKING_DIGITS + 5) /* "1234-5678-9012-3456-7890" and NUL */
#define TRACKING_HASH_LEN 16

struct tracking_keys {
    struct secret code, hash; /* crypto_derive(secret, "tracking-code"), (secret, "tracking-hash") */
};

/* The code of `id`, and its hash, to store beside the row. */
void tracking_code_write(const struct tracking_keys *keys, struct uuid id, char out[TRACKING_TEXT_MAX],
                         uint8_t hash[TRACKING_HASH_LEN]);
/* Accepts Persian, Arabic and Latin digits, blanks and dashes. False when it cannot be a code; `out` is
 * filled either way (from what came), so that a malformed code takes the same path and time as an unknown
 * one. */
bool tracking_code_hash(const struct tracking_keys *keys, struct arena *arena, struct slice typed,
                        uint8_t out[TRACKING_HASH_LEN]);

#endif

/* API keys: what the database said of a key a moment ago. Only its SHA-256 is held, never the key. */
#ifndef KEYS_H
#define KEYS_H

#include "base/crypto.h"
#include "http/request.h"

enum key_state {
    KEY_NONE = 0, /* no Authorization header */
    KEY_UNSEEN,   /* the database must be asked */
    KEY_KNOWN,
    KEY_CITIZEN,  /* no key but a token of the identity provider */
    KEY_UNJUDGED, /* a token, and the provider's keys are not known */
    KEY_REFUSED,  /* unknown, expired, revoked, or no key at all */
};

/* The key of one request. */
struct bearer {
    enum key_state state;
    uint8_t hash[DIGEST_LEN];
    uint64_t generation; /* of the cache when the database was asked */
};

struct key_cache;

struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *cache); /* accepts NULL */

/* KEY_KNOWN fills in the principal, its role names in the arena; otherwise KEY_REFUSED or KEY_UNSEEN. */
enum key_state key_cache_find(struct key_cache *cache, const uint8_t hash[DIGEST_LEN], struct arena *arena,
                              struct principal *ret_principal);
/* Keeps what the database said: `known` NULL is a refusal. It is dropped if the cache was cleared since
 * `generation` was taken. `expires_us` is the key's own end, INT64_MAX if it has none. */
void key_cache_put(struct key_cache *cache, const uint8_t hash[DIGEST_LEN], const struct principal *known,
                   int64_t expires_us, uint64_t generation);
uint64_t key_cache_generation(struct key_cache *cache);
void key_cache_clear(struct key_cache *cache);

#endif

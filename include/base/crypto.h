/* The few primitives that we need from OpenSSL's libcrypto, without its objects. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include "base/arena.h"
#include "base/uuid.h"

#include <stdint.h>

#define DIGEST_LEN 32

struct secret {
    uint8_t bytes[DIGEST_LEN];
};

void crypto_sha256(struct slice data, uint8_t out[DIGEST_LEN]);
/* The same over data that comes piece by piece. */
struct crypto_hash *crypto_hash_new(void);
void crypto_hash_add(struct crypto_hash *hash, struct slice data);
void crypto_hash_end(struct crypto_hash *hash, uint8_t out[DIGEST_LEN]); /* frees it */
void crypto_hash_free(struct crypto_hash *hash);                         /* accepts NULL */
/* What `name` is called under `scope`: always the same id for the same two. No secret. */
struct uuid crypto_named_uuid(struct uuid scope, struct slice name);
/* HMAC-SHA-256 over the parts, each preceded by its length, so that ("ab","c") is not ("a","bc"). */
void crypto_hmac(const struct secret *key, const struct slice *parts, size_t count, uint8_t out[DIGEST_LEN]);
/* A key of its own for each purpose ("tracking-code", "cursor", ...), derived from the server's secret. */
struct secret crypto_derive(const struct secret *secret, const char *purpose);
void crypto_random(void *out, size_t len);                   /* aborts when the system has no randomness */
bool crypto_equal(const void *a, const void *b, size_t len); /* constant time */

/* base64url without padding (RFC 4648 section 5) and lower-case hex, in the arena, NUL-terminated. */
char *crypto_base64url(struct arena *arena, const void *data, size_t len);
MUST_USE bool crypto_base64url_decode(struct slice text, void *out, size_t max, size_t *ret_len);
char *crypto_hex(struct arena *arena, const void *data, size_t len);

#endif

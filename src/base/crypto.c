/* SHA-256, HMAC, randomness and their spellings. Nothing here knows what a key is for: purposes get keys of
 * their own through crypto_derive(). Not for TLS, certificates or JWT.
 *
 * OpenSSL 3 looks an algorithm up by name at each use unless it was fetched; ours are fetched once, because
 * a receipt takes two HMACs. A failure of OpenSSL here means a broken installation: abort. */
#include "base/crypto.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;
static EVP_MAC_CTX *hmac_template; /* HMAC with its digest chosen; each use copies it */

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void fetch_algorithms(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    require(sha256 && hmac);
    hmac_template = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end(),
    };
    require(hmac_template && EVP_MAC_CTX_set_params(hmac_template, params) == 1);
}

void crypto_sha256(struct slice data, uint8_t out[DIGEST_LEN])
{
    pthread_once(&fetched, fetch_algorithms);
    require(EVP_Digest(data.data, data.len, out, NULL, sha256, NULL) == 1);
}

/* An EVP_MD_CTX under a name that does not need OpenSSL's headers. */
static EVP_MD_CTX *context_of(struct crypto_hash *hash)
{
    return (EVP_MD_CTX *)(void *)hash;
}

struct crypto_hash *crypto_hash_new(void)
{
    pthread_once(&fetched, fetch_algorithms);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    require(context && EVP_DigestInit_ex2(context, sha256, NULL) == 1);
    return (struct crypto_hash *)(void *)context;
}

void crypto_hash_add(struct crypto_hash *hash, struct slice data)
{
    require(EVP_DigestUpdate(context_of(hash), data.data, data.len) == 1);
}

void crypto_hash_end(struct crypto_hash *hash, uint8_t out[DIGEST_LEN])
{
    require(EVP_DigestFinal_ex(context_of(hash), out, NULL) == 1);
    crypto_hash_free(hash);
}

void crypto_hash_free(struct crypto_hash *hash)
{
    EVP_MD_CTX_free(context_of(hash));
}

static void hmac_part(EVP_MAC_CTX *context, struct slice part)
{
    uint8_t length[8];
    for (size_t i = 0; i < sizeof length; i++)
        length[i] = (uint8_t)((uint64_t)part.len >> (56 - 8 * i));
    require(EVP_MAC_update(context, length, sizeof length) == 1);
    if (part.len > 0)
        require(EVP_MAC_update(context, (const uint8_t *)part.data, part.len) == 1);
}

struct uuid crypto_named_uuid(struct uuid scope, struct slice name)
{
    uint8_t digest[DIGEST_LEN];
    struct crypto_hash *hash = crypto_hash_new();
    crypto_hash_add(hash, (struct slice){(const char *)scope.bytes, sizeof scope.bytes});
    crypto_hash_add(hash, name);
    crypto_hash_end(hash, digest);
    return uuid_from_digest(digest);
}

void crypto_hmac(const struct secret *key, const struct slice *parts, size_t count, uint8_t out[DIGEST_LEN])
{
    pthread_once(&fetched, fetch_algorithms);
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(hmac_template);
    require(context && EVP_MAC_init(context, key->bytes, sizeof key->bytes, NULL) == 1);
    for (size_t i = 0; i < count; i++)
        hmac_part(context, parts[i]);
    size_t len = 0;
    require(EVP_MAC_final(context, out, &len, DIGEST_LEN) == 1 && len == DIGEST_LEN);
    EVP_MAC_CTX_free(context);
}

struct secret crypto_derive(const struct secret *secret, const char *purpose)
{
    struct secret derived;
    crypto_hmac(secret, (struct slice[]){SLICE("derive"), slice_of(purpose)}, 2, derived.bytes);
    return derived;
}

void crypto_random(void *out, size_t len)
{
    for (uint8_t *at = out; len > 0;) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        require(got > 0);
        at += got;
        len -= (size_t)got;
    }
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

/* Tokens of the identity provider, judged by its keys, with libcjose. Where the keys come from is the
 * worker's business (worker/identity.c); how they get here is pulse.c's. */
#include "identity.h"

#include "base/clock.h"

#include <cjose/cjose.h>
#include <pthread.h>
#include <stdlib.h>

#define KEYS_MAX    32
#define SUBJECT_MAX 255 /* OpenID Connect Core, section 2 */
#define LEEWAY_S    60

struct key {
    cjose_jwk_t *jwk;
    char *kid; /* NULL: it has none */
};

struct identity {
    const char *issuer, *audience;
    pthread_mutex_t
        lock; /* over the keys; libcjose says nothing of threads, so it is held while one is used */
    struct key keys[KEYS_MAX];
    size_t key_count;
};

struct identity *identity_new(const struct settings *settings)
{
    struct identity *identity = calloc(1, sizeof *identity);
    if (!identity)
        abort();
    identity->issuer = settings->identity_issuer;
    identity->audience = settings->identity_audience;
    pthread_mutex_init(&identity->lock, NULL);
    return identity;
}

static void forget_keys(struct identity *identity)
{
    for (size_t i = 0; i < identity->key_count; i++) {
        cjose_jwk_release(identity->keys[i].jwk);
        free(identity->keys[i].kid);
    }
    identity->key_count = 0;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    forget_keys(identity);
    pthread_mutex_destroy(&identity->lock);
    free(identity);
}

bool identity_is_token(const struct identity *identity, struct slice bearer)
{
    size_t dots = 0;
    for (size_t i = 0; i < bearer.len; i++)
        dots += bearer.data[i] == '.';
    return identity->issuer[0] && dots == 2;
}

/* --- the provider's keys ------------------------------------------------------------------------- */

static bool is_absent_or(const json_t *object, const char *member, const char *wanted)
{
    const json_t *value = json_object_get(object, member);
    return !value || (json_is_string(value) && strcmp(json_string_value(value), wanted) == 0);
}

/* A public key for signatures; a symmetric one in a public set would let everybody sign. */
static cjose_jwk_t *import_key(const json_t *description)
{
    cjose_err error;
    if (!json_is_object(description) || !is_absent_or(description, "use", "sig"))
        return NULL;
    char *text = json_dumps(description, JSON_COMPACT);
    cjose_jwk_t *jwk = text ? cjose_jwk_import(text, strlen(text), &error) : NULL;
    free(text);
    if (!jwk)
        return NULL;
    cjose_jwk_kty_t type = cjose_jwk_get_kty(jwk, &error);
    if (type == CJOSE_JWK_KTY_RSA || type == CJOSE_JWK_KTY_EC)
        return jwk;
    cjose_jwk_release(jwk);
    return NULL;
}

size_t identity_learn(struct identity *identity, const json_t *key_set)
{
    const json_t *list = json_object_get(key_set, "keys"), *description;
    size_t i;

    pthread_mutex_lock(&identity->lock);
    forget_keys(identity);
    json_array_foreach ((json_t *)list, i, description) {
        cjose_jwk_t *jwk = identity->key_count < KEYS_MAX ? import_key(description) : NULL;
        const char *kid = json_string_value(json_object_get(description, "kid"));
        if (jwk)
            identity->keys[identity->key_count++] = (struct key){jwk, kid ? strdup(kid) : NULL};
    }
    size_t count = identity->key_count;
    pthread_mutex_unlock(&identity->lock);
    return count;
}

/* --- a token -------------------------------------------------------------------------------------- */

static bool suits(const cjose_jwk_t *jwk, const char *algorithm)
{
    static const struct {
        const char *algorithm;
        cjose_jwk_kty_t type;
    } accepted[] = {
        {"RS256", CJOSE_JWK_KTY_RSA},
        {"PS256", CJOSE_JWK_KTY_RSA},
        {"ES256", CJOSE_JWK_KTY_EC},
    };
    cjose_err error;
    for (size_t i = 0; i < ARRAY_LEN(accepted); i++)
        if (strcmp(accepted[i].algorithm, algorithm) == 0)
            return cjose_jwk_get_kty(jwk, &error) == accepted[i].type;
    return false;
}

/* A header that names no key may be any key's. */
static bool is_signed(const struct identity *identity, cjose_jws_t *token)
{
    cjose_err error;
    cjose_header_t *header = cjose_jws_get_protected(token);
    const char *algorithm = cjose_header_get(header, CJOSE_HDR_ALG, &error);
    const char *kid = cjose_header_get(header, CJOSE_HDR_KID, &error);
    if (!algorithm || json_object_get((json_t *)header, "crit"))
        return false;
    for (size_t i = 0; i < identity->key_count; i++) {
        const struct key *key = &identity->keys[i];
        bool is_named = !kid || (key->kid && strcmp(kid, key->kid) == 0);
        if (is_named && suits(key->jwk, algorithm) && cjose_jws_verify(token, key->jwk, &error))
            return true;
    }
    return false;
}

static bool is_for(const json_t *audience, const char *us)
{
    size_t i;
    const json_t *one;
    if (json_is_string(audience))
        return strcmp(json_string_value(audience), us) == 0;
    json_array_foreach ((json_t *)audience, i, one) {
        if (json_is_string(one) && strcmp(json_string_value(one), us) == 0)
            return true;
    }
    return false;
}

/* Whether `claim` is a time and, with some leeway for clocks, not after `now_s` (not before it: `is_end`). */
static bool holds_at(const json_t *claim, int64_t now_s, bool is_end)
{
    if (!json_is_number(claim))
        return false;
    double at_s = json_number_value(claim), now = (double)now_s;
    return is_end ? now < at_s + LEEWAY_S : at_s <= now + LEEWAY_S;
}

static bool is_absent_or_holds(const json_t *claim, int64_t now_s)
{
    return !claim || holds_at(claim, now_s, false);
}

/* The claims say: issued by the provider, for us, to somebody, valid now. */
static bool read_claims(const struct identity *identity, const json_t *claims, int64_t now_us,
                        struct arena *arena, struct slice *ret)
{
    int64_t now_s = now_us / CLOCK_SECOND_US;
    const char *issuer = json_string_value(json_object_get(claims, "iss"));
    const char *subject = json_string_value(json_object_get(claims, "sub"));
    bool is_ours = issuer && strcmp(issuer, identity->issuer) == 0 && subject && *subject &&
                   strlen(subject) <= SUBJECT_MAX &&
                   is_for(json_object_get(claims, "aud"), identity->audience) &&
                   holds_at(json_object_get(claims, "exp"), now_s, true) &&
                   is_absent_or_holds(json_object_get(claims, "nbf"), now_s) &&
                   is_absent_or_holds(json_object_get(claims, "iat"), now_s);
    if (!is_ours)
        return false;
    size_t len = strlen(issuer) + 1 + strlen(subject);
    char *text = arena_alloc(arena, len + 1);
    snprintf(text, len + 1, "%s %s", issuer, subject);
    *ret = (struct slice){text, len};
    return true;
}

static bool check_signed(const struct identity *identity, cjose_jws_t *token, int64_t now_us,
                         struct arena *arena, struct slice *ret)
{
    cjose_err error;
    uint8_t *text = NULL;
    size_t len = 0;
    if (!is_signed(identity, token) || !cjose_jws_get_plaintext(token, &text, &len, &error))
        return false;
    json_t *claims = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, NULL);
    bool is_good = json_is_object(claims) && read_claims(identity, claims, now_us, arena, ret);
    json_decref(claims);
    return is_good;
}

enum identity_result identity_check(struct identity *identity, struct slice token, int64_t now_us,
                                    struct arena *arena, struct slice *ret)
{
    cjose_err error;
    pthread_mutex_lock(&identity->lock);
    bool has_keys = identity->key_count > 0;
    cjose_jws_t *jws = has_keys ? cjose_jws_import(token.data, token.len, &error) : NULL;
    bool is_good = jws && check_signed(identity, jws, now_us, arena, ret);
    if (jws)
        cjose_jws_release(jws);
    pthread_mutex_unlock(&identity->lock);
    return !has_keys ? IDENTITY_NO_KEYS : is_good ? IDENTITY_OK : IDENTITY_REFUSED;
}

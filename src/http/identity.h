/* Verified citizens: whoever shows a token (JWT, RFC 7519) of the identity provider that the settings name.
 * Nothing of a token is kept or logged; a handler learns issuer and subject (request.identity), and stores
 * keyed hashes of them (api/voter.h). */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "base/arena.h"
#include "base/settings.h"

#include <jansson.h>

struct identity;

struct identity *identity_new(const struct settings *settings);
void identity_free(struct identity *identity); /* accepts NULL */

/* Whether the text of a bearer is a token for us to judge: a provider is set, and it has the form of one. */
bool identity_is_token(const struct identity *identity, struct slice bearer);

/* Takes over the provider's keys, a JWK set (RFC 7517); those that cannot sign are passed over. Returns how
 * many there are now. Thread-safe. */
size_t identity_learn(struct identity *identity, const json_t *key_set);

enum identity_result { IDENTITY_OK = 0, IDENTITY_REFUSED, IDENTITY_NO_KEYS };

/* OK if the token is signed by one of the keys (RS256, PS256 or ES256, nothing else: RFC 8725), for us and of
 * now (RFC 7519 section 4.1: iss, aud, exp, nbf, iat). `*ret` is issuer and subject, in the arena. Without
 * any key nobody can tell. Thread-safe. */
MUST_USE enum identity_result identity_check(struct identity *identity, struct slice token, int64_t now_us,
                                             struct arena *arena, struct slice *ret);

#endif

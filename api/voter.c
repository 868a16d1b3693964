/* Keyed hashes of devices, identities and links, one for each thing that is done once. Not for tracking codes. */
#include "voter.h"

#define VOTER_HASH_LEN 16

static struct param hash_of(struct request *req, const char *kind, struct slice who, struct uuid scope)
{
    if (!who.data)
        return as_null();
    uint8_t digest[DIGEST_LEN];
    const struct slice parts[] = {slice_of(kind), {(const char *)scope.bytes, sizeof scope.bytes}, who};
    crypto_hmac(&request_tracking_keys(req)->hash, parts, ARRAY_LEN(parts), digest);
    return as_bytes(arena_copy(&req->arena, (const char *)digest, VOTER_HASH_LEN), VOTER_HASH_LEN);
}

struct param as_device(struct request *req, struct uuid scope)
{
    return hash_of(req, "device", request_text(req, "Device-Token"), scope);
}

struct param as_identity(struct request *req, struct uuid scope)
{
    return hash_of(req, "identity", req->identity, scope);
}

struct param as_link(struct request *req, struct uuid scope, struct slice token)
{
    return hash_of(req, "link", token, scope);
}

/* The offer that follows an answered case, and the token that it hands out. The first half of a token is a keyed hash of
 * survey and case, the second one of the first: the server knows its own without storing them, and cannot tell the case
 * from one. What was answered, and that it was answered once, is survey_responses.c's. */
#include "survey_offer.h"

#include "voter.h"

#define HALF_LEN 12

static void half_of(const struct request *req, const char *purpose, struct uuid survey, struct slice what,
                    uint8_t ret[HALF_LEN])
{
    uint8_t digest[DIGEST_LEN];
    const struct slice parts[] = {slice_of(purpose), {(const char *)survey.bytes, sizeof survey.bytes}, what};
    crypto_hmac(&request_tracking_keys(req)->code, parts, ARRAY_LEN(parts), digest);
    memcpy(ret, digest, HALF_LEN);
}

static void prove(const struct request *req, struct uuid survey, uint8_t token[2 * HALF_LEN])
{
    half_of(req, "survey-case-proof", survey, (struct slice){(const char *)token, HALF_LEN},
            token + HALF_LEN);
}

bool survey_token_is_of_case(const struct request *req, struct uuid survey, struct slice token)
{
    uint8_t given[2 * HALF_LEN], right[2 * HALF_LEN];
    size_t len;
    if (!crypto_base64url_decode(token, given, sizeof given, &len) || len != sizeof given)
        return false;
    memcpy(right, given, HALF_LEN);
    prove(req, survey, right);
    return crypto_equal(given, right, sizeof right);
}

struct reply survey_offer(struct request *req, struct uuid survey, struct uuid case_id, struct slice members)
{
    uint8_t token[2 * HALF_LEN];
    half_of(req, "survey-case", survey, (struct slice){(const char *)case_id.bytes, sizeof case_id.bytes},
            token);
    prove(req, survey, token);
    struct slice text = slice_of(crypto_base64url(&req->arena, token, sizeof token));
    struct reply reply =
        found(req, SQL_SURVEY_OFFER, as_uuid(survey), as_link(req, survey, text), as_slice(text));
    reply.members = members;
    return reply;
}

/* Tracking codes: made from a row's id, checked for slips of the hand, and hashed for the look-up.
 *
 * Not for the look-up itself (a statement finds the row by the hash) and not for limits on attempts (http/).
 */
#include "domain/tracking.h"

#include "base/text.h"

#define RANDOM_DIGITS   (TRACKING_DIGITS - 1)
#define GROUP_DIGITS    4
#define POWER_OF_DIGITS UINT64_C(10000000000000000000) /* 10^RANDOM_DIGITS */

_Static_assert(RANDOM_DIGITS == 19, "POWER_OF_DIGITS is 10^19");

/* Damm's quasigroup: the check digit is where the walk through the digits ends, and the walk through a whole
 * code ends at 0. No two different digits, and no two neighbours swapped, lead from one place to the same
 * place. */
static const uint8_t quasigroup[10][10] = {
    {0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3}, {4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
    {1, 7, 5, 0, 9, 8, 3, 4, 2, 6}, {6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
    {5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7}, {9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
    {2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
};

static uint8_t check_walk(const char *digits, size_t count)
{
    uint8_t at = 0;
    for (size_t i = 0; i < count; i++)
        at = quasigroup[at][digits[i] - '0'];
    return at;
}

/* 128 bits of the HMAC modulo 10^19: with 64 the small codes would be twice as likely as the large ones. */
static uint64_t code_number(const struct tracking_keys *keys, struct uuid id)
{
    uint8_t digest[DIGEST_LEN];
    struct slice part = {(const char *)id.bytes, sizeof id.bytes};
    crypto_hmac(&keys->code, &part, 1, digest);

    unsigned __int128 number = 0;
    for (size_t i = 0; i < 16; i++)
        number = number << 8 | digest[i];
    return (uint64_t)(number % POWER_OF_DIGITS);
}

static void code_digits(const struct tracking_keys *keys, struct uuid id, char out[TRACKING_DIGITS])
{
    uint64_t number = code_number(keys, id);
    for (size_t i = RANDOM_DIGITS; i-- > 0; number /= 10)
        out[i] = (char)('0' + number % 10);
    out[RANDOM_DIGITS] = (char)('0' + check_walk(out, RANDOM_DIGITS));
}

static void hash_text(const struct tracking_keys *keys, struct slice text, uint8_t out[TRACKING_HASH_LEN])
{
    uint8_t digest[DIGEST_LEN];
    crypto_hmac(&keys->hash, &text, 1, digest);
    memcpy(out, digest, TRACKING_HASH_LEN);
}

void tracking_code_write(const struct tracking_keys *keys, struct uuid id, char out[TRACKING_TEXT_MAX],
                         uint8_t hash[TRACKING_HASH_LEN])
{
    char digits[TRACKING_DIGITS];
    code_digits(keys, id, digits);
    hash_text(keys, (struct slice){digits, TRACKING_DIGITS}, hash);

    size_t at = 0;
    for (size_t i = 0; i < TRACKING_DIGITS; i++) {
        if (i > 0 && i % GROUP_DIGITS == 0)
            out[at++] = '-';
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

static bool is_code(struct slice text)
{
    if (text.len != TRACKING_DIGITS)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return check_walk(text.data, text.len) == 0;
}

bool tracking_code_hash(const struct tracking_keys *keys, struct arena *arena, struct slice typed,
                        uint8_t out[TRACKING_HASH_LEN])
{
    struct slice text = text_is_utf8(typed) ? text_code(arena, typed) : typed;
    hash_text(keys, text, out);
    return is_code(text);
}

/* Is it UTF-8? Bytes from outside are asked once, where they enter; everything behind may trust the answer.
 *
 * Strict as the Unicode standard's table of well-formed sequences (section 3.9): only the second byte's range
 * depends on the first, and that is what keeps out overlong forms, surrogates and what is past U+10FFFF. */
#include "utf8.h"

static bool is_ascii_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

static size_t sequence_len(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2)
        return 0; /* a continuation byte, or an overlong lead */
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

static bool second_fits(unsigned char lead, unsigned char second)
{
    unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return second >= least && second <= most;
}

static bool is_sequence(const unsigned char *at, size_t len)
{
    if (len > 1 && !second_fits(at[0], at[1]))
        return false;
    for (size_t i = 2; i < len; i++)
        if ((at[i] & 0xc0) != 0x80)
            return false;
    return true;
}

size_t utf8_valid_prefix(struct slice s)
{
    size_t at = 0;
    while (at < s.len) {
        if (s.len - at >= 8 && is_ascii_word(s.data + at)) {
            at += 8;
            continue;
        }
        size_t len = sequence_len((unsigned char)s.data[at]);
        if (len == 0 || len > s.len - at || !is_sequence((const unsigned char *)s.data + at, len))
            return at;
        at += len;
    }
    return at;
}

/* NFC: what is stored. Nearly every text already is NFC and can be told so by a glance at ranges; the rest
 * goes through libunistring's tables.
 *
 * The ranges name code points that are NFC by themselves, never join with what precedes them, and have
 * combining class 0: a text of these alone is NFC. Arabic marks have a class of their own, so one of them
 * is fine and two in a row might stand in the wrong order. tests/unit/base/test_text_nfc.c holds the
 * ranges against the tables, code point by code point and in pairs. */
#include "base/text.h"

#include "utf8.h"

#include <stdlib.h>
#include <uninorm.h>

enum glance { STARTS, MARKS, UNSURE };

static const struct {
    uint16_t first, last;
    enum glance is;
} ranges[] = {
    {0x0000, 0x02ff, STARTS}, /* Latin with its composed letters */
    {0x0600, 0x060f, STARTS}, /* Arabic signs and punctuation */
    {0x061b, 0x064a, STARTS}, /* Arabic letters */
    {0x064b, 0x0652, MARKS},  /* harakat; U+0653..0655 join with the letter before them */
    {0x0660, 0x066f, STARTS}, /* Arabic digits */
    {0x0670, 0x0670, MARKS},  /* superscript alef */
    {0x0671, 0x06d5, STARTS}, /* Persian letters among others */
    {0x06ee, 0x06ff, STARTS}, /* Persian digits */
    {0x2002, 0x2069, STARTS}, /* spaces, ZWNJ, dashes, quotes; U+2000 and U+2001 are not NFC */
};

static enum glance glance_at(uint32_t c)
{
    for (size_t i = 0; i < ARRAY_LEN(ranges) && c >= ranges[i].first; i++)
        if (c <= ranges[i].last)
            return ranges[i].is;
    return UNSURE;
}

static bool is_surely_nfc(struct slice s)
{
    enum glance before = STARTS;
    for (size_t at = 0, len; at < s.len; at += len) {
        enum glance now = glance_at(utf8_at(s.data + at, &len));
        if (now == UNSURE || (now == MARKS && before == MARKS))
            return false;
        before = now;
    }
    return true;
}

struct slice text_nfc(struct arena *arena, struct slice s)
{
    if (is_surely_nfc(s))
        return s;
    size_t len = 0;
    uint8_t *normal = u8_normalize(UNINORM_NFC, (const uint8_t *)s.data, s.len, NULL, &len);
    if (!normal)
        abort();
    struct slice result = {(const char *)normal, len};
    result = slice_equal(result, s) ? s : (struct slice){arena_copy(arena, normal, len), len};
    free(normal);
    return result;
}

/* What may be stored as text, and how long it is. Normal forms are text_nfc.c, Persian search text_fa.c.
 *
 * Knows no language: only which code points have no business in a stored text. */
#include "base/text.h"

#include "utf8.h"

#include <unictype.h>

bool text_is_utf8(struct slice s)
{
    return utf8_valid_prefix(s) == s.len;
}

size_t text_length(struct slice s)
{
    size_t length = 0;
    for (size_t i = 0; i < s.len; i++)
        length += ((unsigned char)s.data[i] & 0xc0) != 0x80; /* every byte that starts a code point */
    return length;
}

static bool is_control(uint32_t c)
{
    if (c < 0x20)
        return c != '\n' && c != '\t' && c != '\r';
    return c >= 0x7f && c < 0xa0;
}

/* Embeddings, overrides and isolates: they make a reader see another order than the one that is stored. */
static bool is_bidi_control(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool is_noncharacter(uint32_t c)
{
    return (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

bool text_has_control(struct slice s)
{
    for (size_t at = 0, len; at < s.len; at += len) {
        uint32_t c = utf8_at(s.data + at, &len);
        if (is_control(c) || is_bidi_control(c) || is_noncharacter(c))
            return true;
    }
    return false;
}

/* The empty pattern of Braille is a letter to Unicode, and nothing to the eye. */
static bool is_unseen(uint32_t c)
{
    return c == 0x2800 || uc_is_property_white_space(c) || uc_is_property_default_ignorable_code_point(c) ||
           uc_is_general_category(c, UC_CATEGORY_M);
}

bool text_is_blank(struct slice s)
{
    for (size_t at = 0, len; at < s.len; at += len)
        if (!is_unseen(utf8_at(s.data + at, &len)))
            return false;
    return true;
}

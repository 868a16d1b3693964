/* Persian text made comparable: one spelling for what people spell in many ways. Never stored in place of
 * what was typed, never shown.
 *
 * The steps and sets are those of fa_norm() and fa_fingerprint() in SQL, which build the columns that are
 * searched; whoever changes one changes both, and tests/unit/base/fa_norm_golden.tsv (made by the SQL) tells.
 * NFKC comes first because it turns presentation forms and full-width letters into those of the table. */
#include "base/text.h"

#include "utf8.h"

#include <stdlib.h>
#include <uninorm.h>

#define DROP  0x0640 /* tatweel: it is dropped, so it can stand for all that is */
#define BLANK ' '

#define TEN_DIGITS(first)                                                                                    \
    [(first)] = '0', [(first) + 1] = '1', [(first) + 2] = '2', [(first) + 3] = '3', [(first) + 4] = '4',     \
    [(first) + 5] = '5', [(first) + 6] = '6', [(first) + 7] = '7', [(first) + 8] = '8', [(first) + 9] = '9'

/* The Arabic block, U+0600 + index; 0 means itself. */
static const uint16_t arabic_folds[256] = {
    /* clang-format off */
    [0x22] = 0x0627, [0x23] = 0x0627, [0x25] = 0x0627, [0x71] = 0x0627, /* آ أ إ ٱ → ا */
    [0x24] = 0x0648,                                                    /* ؤ → و */
    [0x26] = 0x06cc, [0x49] = 0x06cc, [0x4a] = 0x06cc,                  /* ئ ى ي → ی */
    [0x29] = 0x0647, [0xc0] = 0x0647,                                   /* ة ۀ → ه */
    [0x43] = 0x06a9,                                                    /* ك → ک */
    [0x40] = DROP, [0x4b ... 0x5f] = DROP, [0x70] = DROP,               /* tatweel, harakat */
    [0x1c] = DROP,                                                      /* the letter mark, unseen */
    TEN_DIGITS(0x60), TEN_DIGITS(0xf0),
    /* clang-format on */
};

/* What is outside the Arabic block: blanks that NFKC leaves, and what cannot be seen. */
static const struct {
    uint16_t first, last, fold;
} folds[] = {
    {0x0009, 0x000d, BLANK}, {0x0085, 0x0085, BLANK}, {0x00a0, 0x00a0, BLANK}, {0x00ad, 0x00ad, DROP},
    {0x1680, 0x1680, BLANK}, {0x2000, 0x200d, BLANK}, {0x200e, 0x200f, DROP},  {0x2028, 0x2029, BLANK},
    {0x202a, 0x202e, DROP},  {0x202f, 0x202f, BLANK}, {0x205f, 0x205f, BLANK}, {0x2060, 0x2060, DROP},
    {0x2066, 0x2069, DROP},  {0x3000, 0x3000, BLANK}, {0xfeff, 0xfeff, DROP},
};

/* What a fingerprint leaves out of a normalised text: everything that is neither letter nor digit, as ranges
 * wide enough to be written in SQL too. */
static const struct {
    uint32_t first, last;
} not_fingerprint[] = {
    {0x0000, 0x002f},   {0x003a, 0x0040},    {0x005b, 0x0060}, {0x007b, 0x00bf}, {0x00d7, 0x00d7},
    {0x00f7, 0x00f7},   {0x02b0, 0x036f},    {0x0600, 0x061f}, {0x066a, 0x066d}, {0x06d4, 0x06d4},
    {0x06d6, 0x06ed},   {0x06fd, 0x06fe},    {0x2000, 0x2bff}, {0x2e00, 0x2e7f}, {0x3000, 0x303f},
    {0xe000, 0xf8ff},   {0xfd3e, 0xfd4f},    {0xfdcf, 0xfdcf}, {0xfdfd, 0xfe6f}, {0xfff0, 0xffff},
    {0x1f000, 0x1fbff}, {0xe0000, 0x10ffff},
};

/* Dashes that a person may put between the groups of a code; tatweel is drawn as one. */
static const uint16_t dashes[] = {0x002d, 0x058a, 0x05be, 0x0640, 0x2010, 0x2011, 0x2012, 0x2013,
                                  0x2014, 0x2015, 0x2043, 0x2212, 0xfe58, 0xfe63, 0xff0d};

static uint32_t fold_at(uint32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c | 0x20;
    if (c > ' ' && c < 0x80)
        return c;
    if (c >= 0x0600 && c < 0x0700)
        return arabic_folds[c - 0x0600] ? arabic_folds[c - 0x0600] : c;
    for (size_t i = 0; i < ARRAY_LEN(folds) && c >= folds[i].first; i++)
        if (c <= folds[i].last)
            return folds[i].fold;
    return c;
}

/* Code points that NFKC leaves alone, whatever stands beside them, or whose joining with a mark is folded
 * away anyway (the harakat of this range join with nothing and are dropped in any order). */
static bool is_plain(uint32_t c)
{
    if (c < 0x80)
        return true;
    if (c >= 0x0600 && c < 0x0700)
        return !(c >= 0x0610 && c <= 0x061a) && !(c >= 0x0653 && c <= 0x0655) &&
               !(c >= 0x0675 && c <= 0x0678) && !(c >= 0x06d6 && c <= 0x06ed);
    return c == 0x00ab || c == 0x00bb || (c >= 0x200b && c <= 0x200f) || (c >= 0x2012 && c <= 0x2014) ||
           (c >= 0x2018 && c <= 0x201f);
}

static bool is_all_plain(struct slice s)
{
    for (size_t at = 0, len; at < s.len; at += len)
        if (!is_plain(utf8_at(s.data + at, &len)))
            return false;
    return true;
}

static struct slice to_nfkc(struct arena *arena, struct slice s)
{
    if (is_all_plain(s))
        return s;
    size_t len = 0;
    uint8_t *normal = u8_normalize(UNINORM_NFKC, (const uint8_t *)s.data, s.len, NULL, &len);
    if (!normal)
        abort();
    struct slice result = {arena_copy(arena, normal, len), len};
    free(normal);
    return result;
}

struct slice text_fa_norm(struct arena *arena, struct slice s)
{
    s = to_nfkc(arena, s);
    char *out = arena_alloc(arena, s.len + 1), *end = out; /* no fold is longer than what it replaces */
    bool blank_waits = false;
    for (size_t at = 0, len; at < s.len; at += len) {
        uint32_t fold = fold_at(utf8_at(s.data + at, &len));
        if (fold == DROP)
            continue;
        if (fold == BLANK) {
            blank_waits = end > out; /* written only when something follows: ends are trimmed */
            continue;
        }
        if (blank_waits)
            *end++ = ' ';
        blank_waits = false;
        end = utf8_put(end, fold);
    }
    return (struct slice){out, (size_t)(end - out)};
}

static bool is_fingerprint(uint32_t c)
{
    for (size_t i = 0; i < ARRAY_LEN(not_fingerprint) && c >= not_fingerprint[i].first; i++)
        if (c <= not_fingerprint[i].last)
            return false;
    return true;
}

struct slice text_fingerprint(struct arena *arena, struct slice s)
{
    s = text_fa_norm(arena, s);
    char *out = arena_alloc(arena, s.len + 1), *end = out;
    for (size_t at = 0, len; at < s.len; at += len) {
        uint32_t c = utf8_at(s.data + at, &len);
        if (is_fingerprint(c))
            end = utf8_put(end, c);
    }
    return (struct slice){out, (size_t)(end - out)};
}

static bool is_dash(uint32_t c)
{
    for (size_t i = 0; i < ARRAY_LEN(dashes); i++)
        if (c == dashes[i])
            return true;
    return false;
}

struct slice text_code(struct arena *arena, struct slice s)
{
    char *out = arena_alloc(arena, s.len + 1), *end = out;
    for (size_t at = 0, len; at < s.len; at += len) {
        uint32_t c = utf8_at(s.data + at, &len);
        uint32_t fold = fold_at(c);
        if (is_dash(c) || fold == BLANK || fold == DROP)
            continue;
        end = utf8_put(end, fold >= '0' && fold <= '9' ? fold : c);
    }
    return (struct slice){out, (size_t)(end - out)};
}

/* The quick roads of text_nfc() and text_fa_norm() against libunistring's tables: every code point, alone and
 * beside letters and marks, and every pair of the Arabic block. */
#include "unit.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <uninorm.h>
#include <unistr.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 65536);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct slice spell(const uint32_t *points, size_t count)
{
    char *text = arena_alloc(&arena, 4 * count + 1);
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += (size_t)u8_uctomb((uint8_t *)text + len, points[i], 4);
    return (struct slice){text, len};
}

static struct slice by_table(uninorm_t form, struct slice s)
{
    size_t len = 0;
    uint8_t *normal = u8_normalize(form, (const uint8_t *)s.data, s.len, NULL, &len);
    struct slice copy = {arena_copy(&arena, normal, len), len};
    free(normal);
    return copy;
}

/* text_nfc() must be the table's answer; text_fa_norm() must not care whether NFKC was done before. */
static void check(const uint32_t *points, size_t count)
{
    struct slice s = spell(points, count), nfc = text_nfc(&arena, s);
    struct slice expected = by_table(UNINORM_NFC, s);
    if (!slice_equal(nfc, expected) || (slice_equal(s, expected) && nfc.data != s.data))
        fail_msg("NFC, %zu code points from U+%04X", count, points[0]);
    if (!slice_equal(text_fa_norm(&arena, s), text_fa_norm(&arena, by_table(UNINORM_NFKC, s))))
        fail_msg("fa_norm, %zu code points from U+%04X", count, points[0]);
    arena_reset(&arena);
}

static void every_code_point_alone_and_among_letters(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        if (c >= 0x3400 && c % 61 != 0 && (c < 0xf900 || c > 0x1ffff))
            continue; /* ideographs, Hangul, private use and what is unassigned: a sample */
        if (c >= 0xd800 && c < 0xe000)
            continue;
        check(&c, 1);
        check((uint32_t[]){0x0627, c, 0x0628}, 3);
    }
}

static void every_code_point_before_and_after_a_mark(void **state)
{
    (void)state;
    static const uint32_t marks[] = {0x064b, 0x0653, 0x0654, 0x0670, 0x0301};
    for (uint32_t c = 0; c < 0x3000; c++) {
        for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
            check((uint32_t[]){'a', c, marks[i]}, 3);
            check((uint32_t[]){0x0648, marks[i], c}, 3);
        }
    }
}

static void every_pair_of_the_arabic_block(void **state)
{
    (void)state;
    for (uint32_t a = 0x0600; a < 0x0700; a++)
        for (uint32_t b = 0x0600; b < 0x0700; b++)
            check((uint32_t[]){a, b}, 2);
}

static void texts_that_are_nfc_are_not_copied(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "plain", "éÄ", "این آیین\u200cنامه، بند «۳»؛ چرا؟ — …", "مثلاً", "x\u0323",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_ptr_equal(text_nfc(&arena, slice_of(texts[i])).data, texts[i]);
    assert_true(slice_is(text_nfc(&arena, SLICE("e\u0301")), "é"));
    assert_true(slice_is(text_nfc(&arena, SLICE("ا\u0653ب")), "آب"));
    assert_true(slice_is(text_nfc(&arena, SLICE("\u212b")), "Å"));
    assert_true(slice_is(text_nfc(&arena, SLICE("م\u0651\u064e")), "م\u064e\u0651"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_alone_and_among_letters),
        cmocka_unit_test(every_code_point_before_and_after_a_mark),
        cmocka_unit_test(every_pair_of_the_arabic_block),
        cmocka_unit_test(texts_that_are_nfc_are_not_copied),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* What may be stored, normal forms, the Persian normaliser and codes.
 *
 * fa_norm_golden.tsv is made by fa_norm() and fa_fingerprint() of PostgreSQL: input, normalised, fingerprint,
 * each a JSON string. The two languages are compared on far more inputs by the tests of the database. */
#include "unit.h"

#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void assert_slice(struct slice s, const char *expected)
{
    if (!slice_is(s, expected))
        fail_msg("\"%.*s\" is not \"%s\"", (int)s.len, s.data, expected);
}

static void well_formed_utf8_is_told_from_everything_else(void **state)
{
    (void)state;
    static const struct slice good[] = {
        {"", 0},
        {NULL, 0},
        {"a\0b", 3},
        {"سلام", 8},
        {"\xc2\x80", 2},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xee\x80\x80", 3},
        {"\xef\xbf\xbf", 3},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"12345678\xd8\xa7", 10},
    };
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe",
        "\xd8",
        "\xe2\x80",
        "\xf0\x9f\x98",
        "\xd8x",
        "\xe2\x80x",
        "\xe2x\x8c",
        "\xf0\x9f\x98x",
        "12345678\xd8",
        "1234567\xff",
        "12345678\xff",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(text_is_utf8(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(text_is_utf8(slice_of(bad[i])));
}

/* Every sequence of up to three bytes, and all four-byte ones around the edges, as libunistring judges them.
 */
static void utf8_is_judged_as_libunistring_judges_it(void **state)
{
    (void)state;
    unsigned char bytes[4];
    for (uint32_t n = 0; n < 1U << 24; n += n < 1U << 16 ? 1 : 7) {
        bytes[0] = (unsigned char)(0x80 + (n >> 16) % 128);
        bytes[1] = (unsigned char)(n >> 8);
        bytes[2] = (unsigned char)n;
        bytes[3] = (unsigned char)(n >> 3);
        for (size_t len = 1; len <= 4; len++)
            if (text_is_utf8((struct slice){(char *)bytes, len}) != (u8_check(bytes, len) == NULL))
                fail_msg("%02x %02x %02x %02x, %zu", bytes[0], bytes[1], bytes[2], bytes[3], len);
    }
}

static void length_counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(text_length(SLICE("")), 0);
    assert_int_equal(text_length(SLICE("abc")), 3);
    assert_int_equal(text_length(SLICE("سلام")), 4);
    assert_int_equal(text_length(SLICE("می\u200cخواهم")), 8);
    assert_int_equal(text_length(SLICE("😀é")), 2);
}

static void control_characters_are_seen_and_ordinary_ones_let_through(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        uint8_t bytes[4];
        int len = u8_uctomb(bytes, c, sizeof bytes);
        bool expected = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c <= 0x9f) ||
                        (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
                        (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xffff) >= 0xfffe;
        if (text_has_control((struct slice){(char *)bytes, (size_t)len}) != expected)
            fail_msg("U+%04X", c);
    }
    assert_false(text_has_control(SLICE("می\u200cخواهم\n\tabc\u200f")));
    assert_true(text_has_control(SLICE("متن\u202eمتن")));
    assert_true(text_has_control((struct slice){"a\0b", 3}));
}

static void a_text_without_anything_to_read_is_blank(void **state)
{
    (void)state;
    static const char *const blank[] = {
        "",
        "   ",
        "\n\t\r ",
        "\u00a0\u3000\u2007",
        "\u200c\u200d\u200b",
        "\ufeff\u00ad\u2060",
        "\u200e\u200f\u061c",
        "\u034f\ufe0f\U000e0041",
        "\u3164\u115f\uffa0",
        "\u2800\u2800",
        "\u064b\u0651 \u0670",
        " \u200c\u00a0\n",
    };
    static const char *const text[] = {
        "a", "۱", "می\u200cخواهم", "\u200cا\u200c", "...", "ـ", "😀", "\u0600", " \n.",
    };
    for (size_t i = 0; i < ARRAY_LEN(blank); i++)
        if (!text_is_blank(slice_of(blank[i])))
            fail_msg("blank %zu", i);
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        if (text_is_blank(slice_of(text[i])))
            fail_msg("text %zu", i);
}

/* --- fa_norm ------------------------------------------------------------------------------------------ */

static void one_word_typed_on_many_keyboards_is_one(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *normal;
    } cases[] = {
        {"", ""},
        {" \t\n\u200c\u00a0", ""},
        {"كتاب هاي", "کتاب های"},
        {"می\u200cخواهم", "می خواهم"},
        {"می\u200c \u200cخواهم", "می خواهم"},
        {"آئین\u200cنامهٔ اِجرائی", "ایین نامه اجرایی"},
        {"مسؤول، مسئول، أمر، إجرا، ٱلله", "مسوول، مسیول، امر، اجرا، الله"},
        {"خانهٔ ۀ ة", "خانه ه ه"},
        {"مـــحـــمّد", "محمد"},
        {"۱۴۰۵/۰۹/۱۰ ٠١٢٣٤٥٦٧٨٩", "1405/09/10 0123456789"},
        {"ＡＢＣ　Ⅳ ﬁ", "abc iv fi"},
        {"ﻣﺸﺎﺭﻛﺖ ﷲ ﷼", "مشارکت الله ریال"},
        {"ABC Ärger", "abc Ärger"},
        {"\u200fسلام\u200e\ufeff", "سلام"},
        {"\u202bسلام\u202c دنيا", "سلام دنیا"},
        {"  a  b  ", "a b"},
        {"a\u00adb", "ab"},
        {"😀 خوب", "😀 خوب"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_slice(text_fa_norm(&arena, slice_of(cases[i].typed)), cases[i].normal);
}

static void fingerprints_hold_letters_and_digits_only(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fingerprint;
    } cases[] = {
        {"", ""},
        {"!!! … «» ؟؛،", ""},
        {"با این طرح مخالفم.", "بااینطرحمخالفم"},
        {"با این طرح ، مخالفم!!", "بااینطرحمخالفم"},
        {"«با اين طرح» (مُخالفم) 😀", "بااینطرحمخالفم"},
        {"بند ۳، تبصرهٔ 2", "بند3تبصره2"},
        {"50% of C++ & a_b", "50ofcab"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_slice(text_fingerprint(&arena, slice_of(cases[i].text)), cases[i].fingerprint);
}

static const char *column(const json_t *row, size_t index)
{
    return json_string_value(json_array_get(row, index));
}

static void the_golden_file_of_postgresql_is_met(void **state)
{
    (void)state;
    FILE *file = fopen(SOURCE_DIR "/tests/unit/base/fa_norm_golden.tsv", "re");
    assert_non_null(file);
    char *line = NULL;
    size_t cap = 0;
    int rows = 0;
    for (ssize_t len; (len = getline(&line, &cap, file)) > 0; rows++) {
        char array[8192] = "[";
        for (char *at = line; (at = strchr(at, '\t'));)
            *at = ',';
        line[len - 1] = ']';
        strncat(array, line, sizeof array - 2);
        json_t *row = json_loads(array, 0, NULL);
        assert_non_null(row);
        assert_slice(text_fa_norm(&arena, slice_of(column(row, 0))), column(row, 1));
        assert_slice(text_fingerprint(&arena, slice_of(column(row, 0))), column(row, 2));
        json_decref(row);
        arena_reset(&arena);
    }
    assert_in_range(rows, 300, 10000);
    free(line);
    fclose(file);
}

static void codes_lose_blanks_and_dashes_and_get_latin_digits(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *code;
    } cases[] = {
        {"", ""},
        {"1234-5678 9012", "123456789012"},
        {"۱۲۳۴–۵۶۷۸—۹۰۱۲", "123456789012"},
        {"١٢٣٤\u200c٥٦٧٨\u00a0٩٠١٢", "123456789012"},
        {"\u200f1234ـ5678−9012\u202c\n", "123456789012"},
        {"12a4/Ab", "12a4/Ab"},
        {"كد", "كد"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_slice(text_code(&arena, slice_of(cases[i].typed)), cases[i].code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_utf8_is_told_from_everything_else),
        cmocka_unit_test(utf8_is_judged_as_libunistring_judges_it),
        cmocka_unit_test(length_counts_code_points),
        cmocka_unit_test(control_characters_are_seen_and_ordinary_ones_let_through),
        cmocka_unit_test(a_text_without_anything_to_read_is_blank),
        cmocka_unit_test(one_word_typed_on_many_keyboards_is_one),
        cmocka_unit_test(fingerprints_hold_letters_and_digits_only),
        cmocka_unit_test(the_golden_file_of_postgresql_is_met),
        cmocka_unit_test(codes_lose_blanks_and_dashes_and_get_latin_digits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* Tracking codes: what a slip of the hand does, every spelling of one code, and what never matches. */
#include "domain/tracking.h"

#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#define CODES_TRIED 200

static struct tracking_keys keys;
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    static const struct secret secret = {{1, 2, 3}};
    keys = (struct tracking_keys){crypto_derive(&secret, "tracking-code"),
                                  crypto_derive(&secret, "tracking-hash")};
    arena_init(&arena, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct uuid id_of(unsigned n)
{
    struct uuid id = {{0}};
    memcpy(id.bytes, &n, sizeof n);
    return id;
}

static void write_code(const struct tracking_keys *with, unsigned n, char out[TRACKING_TEXT_MAX])
{
    uint8_t hash[TRACKING_HASH_LEN];
    tracking_code_write(with, id_of(n), out, hash);
}

/* The bare 20 digits. */
static void digits_of(unsigned n, char out[TRACKING_DIGITS + 1])
{
    char text[TRACKING_TEXT_MAX];
    write_code(&keys, n, text);
    size_t at = 0;
    for (const char *c = text; *c; c++)
        if (*c != '-')
            out[at++] = *c;
    out[at] = '\0';
    assert_int_equal(at, TRACKING_DIGITS);
}

static bool is_accepted(const char *typed)
{
    uint8_t hash[TRACKING_HASH_LEN];
    return tracking_code_hash(&keys, &arena, slice_of(typed), hash);
}

static void a_code_is_five_groups_of_four(void **state)
{
    (void)state;
    char text[TRACKING_TEXT_MAX];
    write_code(&keys, 7, text);
    assert_int_equal(strlen(text), TRACKING_TEXT_MAX - 1);
    for (size_t i = 0; text[i]; i++)
        assert_true(i % 5 == 4 ? text[i] == '-' : text[i] >= '0' && text[i] <= '9');
}

static void the_same_id_gives_the_same_code_and_another_key_another(void **state)
{
    (void)state;
    struct tracking_keys others = {keys.hash, keys.code};
    char one[TRACKING_TEXT_MAX], two[TRACKING_TEXT_MAX], other[TRACKING_TEXT_MAX];
    write_code(&keys, 1, one);
    write_code(&keys, 1, two);
    write_code(&others, 1, other);
    assert_string_equal(one, two);
    assert_string_not_equal(one, other);
}

static void every_wrong_digit_is_refused(void **state)
{
    (void)state;
    for (unsigned n = 0; n < CODES_TRIED; n++) {
        char digits[TRACKING_DIGITS + 1];
        digits_of(n, digits);
        assert_true(is_accepted(digits));
        for (size_t i = 0; i < TRACKING_DIGITS; i++) {
            char right = digits[i];
            for (char wrong = '0'; wrong <= '9'; wrong++) {
                digits[i] = wrong;
                assert_int_equal(is_accepted(digits), wrong == right);
            }
            digits[i] = right;
        }
        arena_reset(&arena);
    }
}

static void every_swap_of_neighbours_is_refused(void **state)
{
    (void)state;
    for (unsigned n = 0; n < CODES_TRIED; n++) {
        char digits[TRACKING_DIGITS + 1];
        digits_of(n, digits);
        for (size_t i = 0; i + 1 < TRACKING_DIGITS; i++) {
            char left = digits[i], right = digits[i + 1];
            digits[i] = right;
            digits[i + 1] = left;
            assert_int_equal(is_accepted(digits), left == right);
            digits[i] = left;
            digits[i + 1] = right;
        }
        arena_reset(&arena);
    }
}

/* The code with each digit replaced by glyphs[digit], and `between` after every `group` digits. */
static struct slice spell(const char *digits, const char *const glyphs[10], const char *between, size_t group)
{
    CLEANUP(buffer_done) struct buffer typed;
    buffer_init(&typed, 256);
    for (size_t i = 0; digits[i]; i++) {
        if (i > 0 && i % group == 0)
            buffer_str(&typed, between);
        buffer_str(&typed, glyphs[digits[i] - '0']);
    }
    return (struct slice){arena_copy(&arena, typed.data, typed.len), typed.len};
}

static void all_spellings_have_the_hash_of_the_id(void **state)
{
    (void)state;
    static const char *const latin[10] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    static const char *const persian[10] = {"۰", "۱", "۲", "۳", "۴", "۵", "۶", "۷", "۸", "۹"};
    static const char *const arabic[10] = {"٠", "١", "٢", "٣", "٤", "٥", "٦", "٧", "٨", "٩"};
    static const char *const *const glyphs[] = {latin, persian, arabic};
    static const char *const betweens[] = {"", "-", " ", " - ", "\u2013", "\u00a0", "\u200c"};

    for (unsigned n = 0; n < CODES_TRIED; n++) {
        char text[TRACKING_TEXT_MAX], digits[TRACKING_DIGITS + 1];
        uint8_t stored[TRACKING_HASH_LEN], hash[TRACKING_HASH_LEN];
        digits_of(n, digits);
        tracking_code_write(&keys, id_of(n), text, stored);
        for (size_t g = 0; g < ARRAY_LEN(glyphs); g++) {
            for (size_t b = 0; b < ARRAY_LEN(betweens); b++) {
                struct slice typed = spell(digits, glyphs[g], betweens[b], 4);
                assert_true(tracking_code_hash(&keys, &arena, typed, hash));
                assert_memory_equal(hash, stored, TRACKING_HASH_LEN);
            }
        }
        arena_reset(&arena);
    }
}

static void what_cannot_be_a_code_still_gets_a_hash(void **state)
{
    (void)state;
    static const struct slice typed[] = {
        {"", 0},
        {"1234", 4},
        {"12345678901234567890123", 23},
        {"1234-5678-9012-3456-789x", 24},
        {"\xff\xfe\x00", 3},
        {"00000000000000000000\0", 21},
    };
    for (size_t i = 0; i < ARRAY_LEN(typed); i++) {
        uint8_t hash[TRACKING_HASH_LEN] = {0};
        static const uint8_t untouched[TRACKING_HASH_LEN];
        assert_false(tracking_code_hash(&keys, &arena, typed[i], hash));
        assert_memory_not_equal(hash, untouched, TRACKING_HASH_LEN);
    }
}

static void leading_digits_spread_evenly(void **state)
{
    (void)state;
    unsigned seen[10] = {0};
    for (unsigned n = 0; n < 10000; n++) {
        char text[TRACKING_TEXT_MAX];
        write_code(&keys, n, text);
        seen[text[0] - '0']++;
    }
    for (size_t digit = 0; digit < 10; digit++)
        assert_in_range(seen[digit], 850, 1150); /* 1000 expected, deviation 30 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_is_five_groups_of_four),
        cmocka_unit_test(the_same_id_gives_the_same_code_and_another_key_another),
        cmocka_unit_test(every_wrong_digit_is_refused),
        cmocka_unit_test(every_swap_of_neighbours_is_refused),
        cmocka_unit_test(all_spellings_have_the_hash_of_the_id),
        cmocka_unit_test(what_cannot_be_a_code_still_gets_a_hash),
        cmocka_unit_test(leading_digits_spread_evenly),
    };
    return cmocka_run_group_tests_name("tracking", tests, set_up, tear_down);
}

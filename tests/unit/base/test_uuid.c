/* UUIDs: the bits that RFC 9562 fixes, the order by time, and the one spelling that is read. */
#include "unit.h"

#include "base/uuid.h"

#include <string.h>

#define NOW_US INT64_C(1796099400123456) /* 2026-12-01 */

static uint64_t millis_of(struct uuid id)
{
    uint64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | id.bytes[i];
    return ms;
}

static void new_is_version_7_with_its_time_in_front(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct uuid id = uuid_new(NOW_US);
        assert_int_equal(id.bytes[6] >> 4, 7);
        assert_int_equal(id.bytes[8] >> 6, 2);
        assert_int_equal(millis_of(id), NOW_US / 1000);
        assert_int_equal((id.bytes[6] & 15) << 8 | id.bytes[7], 456 * 4096 / 1000);
    }
}

static void new_sorts_by_time_within_a_millisecond(void **state)
{
    (void)state;
    struct uuid before = uuid_new(NOW_US);
    for (int64_t us = NOW_US + 1; us < NOW_US + 5000; us++) {
        struct uuid id = uuid_new(us);
        assert_true(memcmp(before.bytes, id.bytes, 8) < 0);
        before = id;
    }
}

static void new_never_repeats_at_one_instant(void **state)
{
    (void)state;
    struct uuid ids[200];
    for (size_t i = 0; i < 200; i++) {
        ids[i] = uuid_new(NOW_US);
        for (size_t j = 0; j < i; j++)
            assert_false(uuid_equal(ids[i], ids[j]));
    }
}

static void new_takes_an_instant_before_1970_for_1970(void **state)
{
    (void)state;
    assert_int_equal(millis_of(uuid_new(-1)), 0);
    assert_int_equal(millis_of(uuid_new(INT64_MIN)), 0);
}

static void from_digest_is_version_8_and_repeats(void **state)
{
    (void)state;
    uint8_t digest[32];
    memset(digest, 0xff, sizeof digest);
    char text[UUID_TEXT_LEN + 1];
    uuid_format(uuid_from_digest(digest), text);
    assert_string_equal(text, "ffffffff-ffff-8fff-bfff-ffffffffffff");
    memset(digest, 0, sizeof digest);
    uuid_format(uuid_from_digest(digest), text);
    assert_string_equal(text, "00000000-0000-8000-8000-000000000000");
}

static void text_is_lower_case_and_read_in_any_case(void **state)
{
    (void)state;
    struct uuid lower, upper;
    assert_true(uuid_parse_text(SLICE("01234567-89ab-7def-8123-456789abcdef"), &lower));
    assert_true(uuid_parse_text(SLICE("01234567-89AB-7DEF-8123-456789ABCDEF"), &upper));
    assert_true(uuid_equal(lower, upper));
    assert_memory_equal(lower.bytes, "\x01\x23\x45\x67\x89\xab\x7d\xef\x81\x23\x45\x67\x89\xab\xcd\xef", 16);
    char text[UUID_TEXT_LEN + 1];
    uuid_format(upper, text);
    assert_string_equal(text, "01234567-89ab-7def-8123-456789abcdef");
}

static void any_other_spelling_is_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "01234567-89ab-7def-8123-456789abcde",
        "01234567-89ab-7def-8123-456789abcdef0",
        "0123456789ab7def8123456789abcdef",
        "{1234567-89ab-7def-8123-456789abcde}",
        "01234567-89ab-7def-8123-456789abcdeg",
        "01234567-89ab-7def-8123_456789abcdef",
        "0123456-789ab-7def-8123-456789abcdef",
        "01234567-89ab-7def-8123-456789abcd\xd9\xa1",
        "01234567-89ab-7def-8123-456789abcd:@",
        "01234567-89ab-7def-8123-456789abcd`G",
    };
    struct uuid id = {{9}};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(uuid_parse_text(slice_of(refused[i]), &id));
    assert_int_equal(id.bytes[0], 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_is_version_7_with_its_time_in_front),
        cmocka_unit_test(new_sorts_by_time_within_a_millisecond),
        cmocka_unit_test(new_never_repeats_at_one_instant),
        cmocka_unit_test(new_takes_an_instant_before_1970_for_1970),
        cmocka_unit_test(from_digest_is_version_8_and_repeats),
        cmocka_unit_test(text_is_lower_case_and_read_in_any_case),
        cmocka_unit_test(any_other_spelling_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

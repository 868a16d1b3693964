/* What the header Range asks for. */
#include "unit.h"

#include "range.h"

#include "base/macros.h"

static void assert_range(const char *header, uint64_t size, enum range_verdict verdict, uint64_t first,
                         uint64_t len)
{
    struct range range = {0, 0};
    if (range_read(slice_of(header), size, &range) != verdict || range.first != first || range.len != len)
        fail_msg("%s of %llu", header, (unsigned long long)size);
}

static void one_range_of_bytes_is_read(void **state)
{
    (void)state;
    assert_range("bytes=0-0", 10, RANGE_PART, 0, 1);
    assert_range("bytes=2-5", 10, RANGE_PART, 2, 4);
    assert_range("bytes=2-", 10, RANGE_PART, 2, 8);
    assert_range("bytes=2-100", 10, RANGE_PART, 2, 8);
    assert_range("bytes=-3", 10, RANGE_PART, 7, 3);
    assert_range("bytes=-100", 10, RANGE_PART, 0, 10);
    assert_range("Bytes=9-9", 10, RANGE_PART, 9, 1);
    assert_range("bytes=0-999999999999999999", 10, RANGE_PART, 0, 10);
}

static void what_begins_behind_the_end_is_not_there(void **state)
{
    (void)state;
    assert_range("bytes=10-", 10, RANGE_UNSATISFIABLE, 0, 0);
    assert_range("bytes=10-20", 10, RANGE_UNSATISFIABLE, 0, 0);
    assert_range("bytes=-0", 10, RANGE_UNSATISFIABLE, 0, 0);
    assert_range("bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0);
    assert_range("bytes=-1", 0, RANGE_UNSATISFIABLE, 0, 0);
}

static void all_else_asks_for_no_part(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=1-2,4-5",
        "bytes=a-b",
        "bytes=1",
        "bytes= 1-2",
        "lines=1-2",
        "bytes=1-2 ",
        "bytes=--1",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=1000000000000000000-",
        "bytes=0-18446744073709551616",
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_range(others[i], 10, RANGE_NONE, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_range_of_bytes_is_read),
        cmocka_unit_test(what_begins_behind_the_end_is_not_there),
        cmocka_unit_test(all_else_asks_for_no_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Connections are counted in all and by address, an IPv6 client by its /64, and forgotten when they go. */
#include "unit.h"

#include "admission.h"

static struct slice v4(const char bytes[4])
{
    return (struct slice){bytes, 4};
}

static void in_all(void **state)
{
    (void)state;
    struct admission *admission = admission_new(2, 0);
    struct slice nobody = {0};
    assert_int_equal(admission_enter(admission, nobody), ADMISSION_GRANTED);
    assert_int_equal(admission_enter(admission, nobody), ADMISSION_GRANTED);
    for (int i = 0; i < ADMISSION_HEADROOM; i++)
        assert_int_equal(admission_enter(admission, nobody), ADMISSION_REFUSED);
    assert_int_equal(admission_enter(admission, nobody), ADMISSION_DROPPED);
    assert_int_equal(admission_count(admission), 2 + ADMISSION_HEADROOM + 1);
    for (int i = 0; i < ADMISSION_HEADROOM + 2; i++)
        admission_leave(admission, nobody);
    assert_int_equal(admission_enter(admission, nobody), ADMISSION_GRANTED);
    admission_free(admission);
}

static void by_address(void **state)
{
    (void)state;
    struct admission *admission = admission_new(100, 2);
    assert_int_equal(admission_enter(admission, v4("\x0a\0\0\x01")), ADMISSION_GRANTED);
    assert_int_equal(admission_enter(admission, v4("\x0a\0\0\x01")), ADMISSION_GRANTED);
    assert_int_equal(admission_enter(admission, v4("\x0a\0\0\x01")), ADMISSION_REFUSED);
    assert_int_equal(admission_enter(admission, v4("\x0a\0\0\x02")), ADMISSION_GRANTED);
    admission_leave(admission, v4("\x0a\0\0\x01"));
    admission_leave(admission, v4("\x0a\0\0\x01"));
    assert_int_equal(admission_enter(admission, v4("\x0a\0\0\x01")), ADMISSION_GRANTED);
    admission_free(admission);
}

static void by_network(void **state)
{
    (void)state;
    struct admission *admission = admission_new(100, 1);
    assert_int_equal(admission_enter(admission, SLICE("\x20\x01\x0d\xb8\0\0\0\x01\0\0\0\0\0\0\0\x01")),
                     ADMISSION_GRANTED);
    assert_int_equal(admission_enter(admission, SLICE("\x20\x01\x0d\xb8\0\0\0\x01\0\0\0\0\0\0\0\x02")),
                     ADMISSION_REFUSED);
    assert_int_equal(admission_enter(admission, SLICE("\x20\x01\x0d\xb8\0\0\0\x02\0\0\0\0\0\0\0\x01")),
                     ADMISSION_GRANTED);
    admission_free(admission);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_all),
        cmocka_unit_test(by_address),
        cmocka_unit_test(by_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Percentages as whole hundredths. */
#include "domain/percent.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void every_hundredth_is_known_however_it_is_written(void **state)
{
    (void)state;
    for (int n = 0; n <= PERCENT_WHOLE; n++) {
        char text[16];
        int hundredths = -1;
        (void)snprintf(text, sizeof text, "%d.%02d", n / 100, n % 100);
        assert_true(percent_hundredths(strtod(text, NULL), &hundredths));
        assert_int_equal(hundredths, n);
        assert_true(percent_hundredths(n / 100.0, &hundredths));
        assert_int_equal(hundredths, n);
    }
}

static void finer_negative_and_larger_ones_are_none(void **state)
{
    (void)state;
    const double wrong[] = {33.333, 0.001, 99.999, -0.01, -1, 100.01, 1e300, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int untouched = 7;
        assert_false(percent_hundredths(wrong[i], &untouched));
        assert_int_equal(untouched, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hundredth_is_known_however_it_is_written),
        cmocka_unit_test(finer_negative_and_larger_ones_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

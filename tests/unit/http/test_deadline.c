/* Deadlines: the earliest first, moved, cleared, and taken once. */
#include "unit.h"

#include "deadline.h"

static void empty(void **state)
{
    (void)state;
    struct deadlines deadlines;
    deadlines_init(&deadlines);
    assert_true(deadlines_next(&deadlines) == INT64_MAX);
    assert_null(deadlines_take(&deadlines, INT64_MAX));
    assert_null(deadlines_walk(&deadlines, PHASE_IDLE, NULL));
}

static void in_order(void **state)
{
    (void)state;
    struct deadlines deadlines;
    struct deadline a = {0}, b = {0}, c = {0};
    deadlines_init(&deadlines);
    deadline_set(&deadlines, &a, PHASE_ANSWER, 30);
    deadline_set(&deadlines, &b, PHASE_ANSWER, 10); /* walks back */
    deadline_set(&deadlines, &c, PHASE_ANSWER, 20);
    assert_true(deadlines_next(&deadlines) == 10);
    assert_null(deadlines_take(&deadlines, 9));
    assert_ptr_equal(deadlines_walk(&deadlines, PHASE_ANSWER, &b), &c);
    assert_ptr_equal(deadlines_take(&deadlines, 25), &b);
    assert_ptr_equal(deadlines_take(&deadlines, 25), &c);
    assert_null(deadlines_take(&deadlines, 25));
    assert_int_equal(b.phase, PHASE_ANSWER);
    assert_ptr_equal(deadlines_take(&deadlines, 30), &a);
}

static void moved_and_cleared(void **state)
{
    (void)state;
    struct deadlines deadlines;
    struct deadline a = {0}, b = {0};
    deadlines_init(&deadlines);
    deadline_set(&deadlines, &a, PHASE_IDLE, 10);
    deadline_set(&deadlines, &b, PHASE_BODY, 15);
    deadline_set(&deadlines, &a, PHASE_HEADER, 20);
    assert_null(deadlines_walk(&deadlines, PHASE_IDLE, NULL));
    assert_true(deadlines_next(&deadlines) == 15);
    deadline_clear(&b);
    deadline_clear(&b);
    assert_true(deadlines_next(&deadlines) == 20);
    deadline_clear(&a);
    assert_null(deadlines_take(&deadlines, INT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty),
        cmocka_unit_test(in_order),
        cmocka_unit_test(moved_and_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

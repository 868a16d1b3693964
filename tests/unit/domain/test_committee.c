/* The committee's arithmetic: quorum, weighted scores, means, ties, rounding; and sums split by shares. */
#include "domain/committee.h"
#include "domain/shares.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LEN(array) (sizeof(array) / sizeof *(array))

static void a_quorum_takes_both_a_number_and_a_part_of_the_entitled(void **state)
{
    (void)state;
    struct committee_quorum two_thirds = {2, 2, 3}, half = {3, 1, 2}, all = {1, 1, 1}, number = {3, 0, 1};
    assert_int_equal(committee_quorum_needed(two_thirds, 3), 2);
    assert_int_equal(committee_quorum_needed(two_thirds, 4), 3); /* 8/3 up */
    assert_int_equal(committee_quorum_needed(two_thirds, 7), 5);
    assert_int_equal(committee_quorum_needed(two_thirds, 1),
                     2); /* the number holds, even if it cannot be met */
    assert_int_equal(committee_quorum_needed(half, 4), 3);
    assert_int_equal(committee_quorum_needed(half, 9), 5);
    assert_int_equal(committee_quorum_needed(all, 100), 100);
    assert_int_equal(committee_quorum_needed(number, 100), 3);
    assert_int_equal(committee_quorum_needed(number, 0), 3);
}

static void a_criterion_counts_by_its_weight_whatever_its_scale(void **state)
{
    (void)state;
    const struct committee_criterion criteria[] = {{3, 10}, {1, 20}};
    struct committee_fraction best = committee_score(criteria, (int[]){10, 20}, 2);
    struct committee_fraction heavy = committee_score(criteria, (int[]){10, 0}, 2);
    struct committee_fraction light = committee_score(criteria, (int[]){0, 20}, 2);
    assert_true(best.numerator == best.denominator);
    assert_int_equal(committee_rounded(heavy), 7500);
    assert_int_equal(committee_rounded(light), 2500);
    assert_int_equal(committee_rounded(committee_score(criteria, (int[]){0, 0}, 2)), 0);
    assert_true(heavy.denominator == light.denominator);
}

static void a_criterion_without_weight_changes_nothing(void **state)
{
    (void)state;
    const struct committee_criterion criteria[] = {{0, 7}, {1, 20}};
    struct committee_fraction a = committee_score(criteria, (int[]){0, 13}, 2);
    struct committee_fraction b = committee_score(criteria, (int[]){7, 13}, 2);
    assert_int_equal(committee_compare(a, b), 0);
    assert_int_equal(committee_rounded(a), 6500);
}

static void the_mean_of_one_member_is_that_member(void **state)
{
    (void)state;
    const struct committee_criterion criteria[] = {{1, 20}};
    struct committee_fraction one = committee_score(criteria, (int[]){15}, 1);
    struct committee_fraction mean = committee_mean(&one, 1);
    assert_true(mean.numerator == 3 && mean.denominator == 4); /* in lowest terms */
}

static void nobody_to_score_gives_no_result(void **state)
{
    (void)state;
    struct committee_fraction none = committee_mean(NULL, 0), zero = {0, 1};
    assert_true(none.numerator == 0 && none.denominator == 0);
    assert_int_equal(committee_rounded(none), -1);
    assert_true(committee_compare(none, zero) < 0);
    assert_true(committee_compare(zero, none) > 0);
    assert_int_equal(committee_compare(none, none), 0);
}

static void the_order_of_the_members_changes_nothing(void **state)
{
    (void)state;
    const struct committee_criterion criteria[] = {{3, 7}, {5, 13}, {11, 19}};
    struct committee_fraction scores[] = {committee_score(criteria, (int[]){1, 12, 3}, 3),
                                          committee_score(criteria, (int[]){7, 0, 19}, 3),
                                          committee_score(criteria, (int[]){2, 5, 18}, 3)};
    struct committee_fraction back[] = {scores[2], scores[0], scores[1]};
    assert_int_equal(committee_compare(committee_mean(scores, 3), committee_mean(back, 3)), 0);
}

static void results_are_rounded_half_up(void **state)
{
    (void)state;
    assert_int_equal(committee_rounded((struct committee_fraction){1, 3}), 3333);
    assert_int_equal(committee_rounded((struct committee_fraction){2, 3}), 6667);
    assert_int_equal(committee_rounded((struct committee_fraction){1, 20000}), 1); /* half */
    assert_int_equal(committee_rounded((struct committee_fraction){1, 20001}), 0);
    assert_int_equal(committee_rounded((struct committee_fraction){3, 20000}), 2);
    assert_int_equal(committee_rounded((struct committee_fraction){1, 1}), 10000);
}

static void equal_roundings_are_no_tie(void **state)
{
    (void)state;
    struct committee_fraction a = {33333, 100000}, third = {1, 3};
    assert_int_equal(committee_rounded(a), committee_rounded(third));
    assert_true(committee_compare(a, third) < 0);
    assert_true(committee_compare(third, a) > 0);
    assert_int_equal(committee_compare(third, (struct committee_fraction){7, 21}), 0); /* this is one */
}

/* Comparison against plain multiplication, where that fits. */
static void comparison_is_exact(void **state)
{
    (void)state;
    srand(1405);
    for (int i = 0; i < 200000; i++) {
        struct committee_fraction a = {rand() % 50, 1 + rand() % 50}, b = {rand() % 50, 1 + rand() % 50};
        int64_t left = a.numerator * b.denominator, right = b.numerator * a.denominator;
        int wanted = (left > right) - (left < right), got = committee_compare(a, b);
        assert_int_equal((got > 0) - (got < 0), wanted);
    }
}

static void the_largest_committee_does_not_overflow(void **state)
{
    (void)state;
    static const int scales[COMMITTEE_CRITERIA_MAX] = {20, 19, 18, 17, 16, 15, 14, 13, 11, 9, 7, 5};
    struct committee_criterion criteria[COMMITTEE_CRITERIA_MAX];
    struct committee_fraction scores[COMMITTEE_MEMBERS_MAX];
    int points[COMMITTEE_CRITERIA_MAX];
    for (size_t i = 0; i < LEN(criteria); i++) {
        criteria[i] = (struct committee_criterion){100, scales[i]};
        points[i] = scales[i];
    }
    for (size_t i = 0; i < LEN(scores); i++)
        scores[i] = committee_score(criteria, points, LEN(criteria));
    assert_int_equal(committee_rounded(scores[0]), 10000);
    points[0]--;
    scores[7] = committee_score(criteria, points, LEN(criteria));
    struct committee_fraction mean = committee_mean(scores, LEN(scores));
    assert_true(mean.numerator < mean.denominator);
    assert_int_equal(mean.denominator - mean.numerator, 1); /* 1 - 1/(12 * 20 * 100) */
    assert_int_equal(mean.denominator, 24000);
}

static void assert_split(int64_t amount, const int *shares, const int64_t *parts, size_t count)
{
    int64_t got[SHARES_MAX];
    shares_split(amount, shares, count, got);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(got[i], parts[i]);
}

static void a_sum_is_split_to_the_last_rial(void **state)
{
    (void)state;
    assert_split(100, (int[]){1, 1, 1}, (int64_t[]){34, 33, 33}, 3); /* equal rests: the first */
    assert_split(10, (int[]){3334, 3333, 3333}, (int64_t[]){4, 3, 3}, 3);
    assert_split(2, (int[]){10, 20, 70}, (int64_t[]){0, 1, 1}, 3); /* 0.2 0.4 1.4: the larger rest */
    assert_split(7, (int[]){10000}, (int64_t[]){7}, 1);
    assert_split(0, (int[]){5000, 5000}, (int64_t[]){0, 0}, 2);
    assert_split(99, (int[]){0, 100}, (int64_t[]){0, 99}, 2);
    assert_split(SHARES_AMOUNT_MAX, (int[]){1, 9999}, (int64_t[]){100000000, INT64_C(999900000000)}, 2);
}

static void every_split_adds_up_and_nobody_is_a_rial_off(void **state)
{
    (void)state;
    srand(1406);
    for (int round = 0; round < 20000; round++) {
        int shares[SHARES_MAX], whole = 0;
        int64_t parts[SHARES_MAX], sum = 0, amount = rand();
        size_t count = 1 + (size_t)rand() % SHARES_MAX;
        for (size_t i = 0; i < count; i++)
            whole += shares[i] = 1 + rand() % 300;
        shares_split(amount, shares, count, parts);
        for (size_t i = 0; i < count; i++) {
            int64_t exact = amount * shares[i] / whole;
            assert_in_range(parts[i], exact, exact + 1);
            sum += parts[i];
        }
        assert_int_equal(sum, amount);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quorum_takes_both_a_number_and_a_part_of_the_entitled),
        cmocka_unit_test(a_criterion_counts_by_its_weight_whatever_its_scale),
        cmocka_unit_test(a_criterion_without_weight_changes_nothing),
        cmocka_unit_test(the_mean_of_one_member_is_that_member),
        cmocka_unit_test(nobody_to_score_gives_no_result),
        cmocka_unit_test(the_order_of_the_members_changes_nothing),
        cmocka_unit_test(results_are_rounded_half_up),
        cmocka_unit_test(equal_roundings_are_no_tie),
        cmocka_unit_test(comparison_is_exact),
        cmocka_unit_test(the_largest_committee_does_not_overflow),
        cmocka_unit_test(a_sum_is_split_to_the_last_rial),
        cmocka_unit_test(every_split_adds_up_and_nobody_is_a_rial_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Small groups: nothing hidden can be computed. Each random table is attacked by trying all tables that agree with what
 * is shown: a hidden count that is the same in all of them would be known. */
#include "domain/disclosure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* --- lists and scales -------------------------------------------------------------------------- */

static void assert_list(const char *hidden, bool is_fine, int64_t k, size_t count, const int64_t *counts)
{
    bool got[16] = {false};
    assert_int_equal(disclosure_protect_list(counts, count, k, got), is_fine);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(got[i], hidden[i] == 'x');
}
#define LIST(hidden, is_fine, k, ...)                                                                        \
    assert_list(hidden, is_fine, k, ARRAY_LEN(((int64_t[]){__VA_ARGS__})), (int64_t[]){__VA_ARGS__})

static void a_list_hides_small_cells_and_never_one_alone(void **state)
{
    (void)state;
    LIST("---", true, 5, 5, 6, 7);
    LIST("xx-", true, 5, 4, 6, 7); /* 4 alone would be the rest of the total */
    LIST("xxx-", true, 5, 1, 2, 9, 20);
    LIST("xx--", true, 5, 3, 2, 9, 20);
    LIST("---", true, 5, 0, 5, 9); /* nobody is in an empty group */
    LIST("xxx", true, 5, 0, 4, 9); /* but it is hidden with others */
    LIST("xxxx-", true, 5, 0, 2, 0, 3, 9);
    LIST("xx", false, 5, 1, 2);
    LIST("x", false, 5, 1);
    LIST("-", true, 5, 5);
}

static void a_list_keeps_what_was_hidden_before(void **state)
{
    (void)state;
    bool hidden[3] = {false, true, false};
    assert_true(disclosure_protect_list((int64_t[]){50, 60, 40}, 3, 5, hidden));
    assert_true(!hidden[0] && hidden[1] && hidden[2]);
}

static void assert_joined(const char *ends, int64_t k, size_t count, const int64_t *counts)
{
    bool last[16];
    assert_true(disclosure_join(counts, count, k, last));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(last[i], ends[i] == '|');
}
#define JOINED(ends, k, ...)                                                                                 \
    assert_joined(ends, k, ARRAY_LEN(((int64_t[]){__VA_ARGS__})), (int64_t[]){__VA_ARGS__})

static void neighbours_on_a_scale_are_joined(void **state)
{
    (void)state;
    JOINED("|||", 5, 5, 6, 7);
    JOINED("-||", 5, 2, 3, 7);
    JOINED("|-|", 5, 9, 3, 7);
    JOINED("|--|", 5, 9, 1, 2, 3);
    JOINED("--|", 5, 9, 1, 2);
    JOINED("|||", 5, 0, 0, 5);
    JOINED("|||", 5, 5, 0, 0);
    JOINED("|-|", 5, 0, 3, 9);
    JOINED("--|", 5, 10, 0, 3);
    JOINED("|--|", 5, 9, 7, 0, 3);
    JOINED("||", 5, 0, 0);
    bool last[2];
    assert_false(disclosure_join((int64_t[]){2, 2}, 2, 5, last));
}

static void every_joined_group_is_large_enough(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        int64_t counts[11], total = 0, sum = 0, k = 2 + rand() % 9;
        size_t count = 1 + (size_t)rand() % 11;
        bool last[11];
        for (size_t i = 0; i < count; i++)
            total += counts[i] = rand() % 12;
        bool is_fine = total == 0 || total >= k;
        assert_int_equal(disclosure_join(counts, count, k, last), is_fine);
        for (size_t i = 0; is_fine && i < count; i++) {
            sum += counts[i];
            if (last[i])
                assert_true(sum == 0 || sum >= k);
            sum = last[i] ? 0 : sum;
        }
        assert_true(!is_fine || last[count - 1]);
    }
}

/* --- tables ------------------------------------------------------------------------------------ */

#define SIDE_MAX 4

struct sample {
    size_t rows, columns;
    int64_t counts[(SIDE_MAX + 1) * (SIDE_MAX + 1)];
    bool hidden[(SIDE_MAX + 1) * (SIDE_MAX + 1)];
};

static size_t place(const struct sample *s, size_t row, size_t column)
{
    return row * s->columns + column;
}

static void add_totals(struct sample *s)
{
    for (size_t r = 0; r < s->rows; r++)
        s->counts[place(s, r, s->columns - 1)] = 0;
    for (size_t c = 0; c < s->columns; c++)
        s->counts[place(s, s->rows - 1, c)] = 0;
    for (size_t r = 0; r + 1 < s->rows; r++)
        for (size_t c = 0; c + 1 < s->columns; c++) {
            int64_t n = s->counts[place(s, r, c)];
            s->counts[place(s, r, s->columns - 1)] += n;
            s->counts[place(s, s->rows - 1, c)] += n;
            s->counts[place(s, s->rows - 1, s->columns - 1)] += n;
        }
}

/* Totals as the plain results show them. */
static bool protect_totals(struct sample *s, int64_t k)
{
    int64_t row_totals[SIDE_MAX];
    bool row_hidden[SIDE_MAX] = {false};
    memset(s->hidden, 0, sizeof s->hidden);
    for (size_t r = 0; r + 1 < s->rows; r++)
        row_totals[r] = s->counts[place(s, r, s->columns - 1)];
    bool is_fine = disclosure_protect_list(row_totals, s->rows - 1, k, row_hidden) &&
                   disclosure_protect_list(&s->counts[place(s, s->rows - 1, 0)], s->columns - 1, k,
                                           &s->hidden[place(s, s->rows - 1, 0)]);
    for (size_t r = 0; r + 1 < s->rows; r++)
        s->hidden[place(s, r, s->columns - 1)] = row_hidden[r];
    return is_fine;
}

static struct sample random_sample(int most)
{
    struct sample s = {.rows = 3 + (size_t)rand() % 2, .columns = 3 + (size_t)rand() % 2};
    for (size_t r = 0; r + 1 < s.rows; r++)
        for (size_t c = 0; c + 1 < s.columns; c++)
            s.counts[place(&s, r, c)] = rand() % 3 ? rand() % (most + 1) : rand() % 3;
    add_totals(&s);
    return s;
}

/* What an attacker finds out: the least and the greatest value of each hidden cell over all tables that agree. */
struct attack {
    const struct sample *seen;
    struct sample guess;
    int64_t least[(SIDE_MAX + 1) * (SIDE_MAX + 1)], most[(SIDE_MAX + 1) * (SIDE_MAX + 1)];
    long tried;
};

static void note_guess(struct attack *attack)
{
    const struct sample *s = attack->seen;
    add_totals(&attack->guess);
    for (size_t i = 0; i < s->rows * s->columns; i++)
        if (!s->hidden[i] && attack->guess.counts[i] != s->counts[i])
            return;
    for (size_t i = 0; i < s->rows * s->columns; i++) {
        int64_t n = attack->guess.counts[i];
        attack->least[i] = n < attack->least[i] ? n : attack->least[i];
        attack->most[i] = n > attack->most[i] ? n : attack->most[i];
    }
}

/* Guesses next to the truth: if any other table agrees, so does one that is shifted by 1 around a circle. */
static void guess_from(struct attack *attack, size_t cell)
{
    const struct sample *s = attack->seen;
    size_t rows = s->rows - 1, columns = s->columns - 1;
    if (cell == rows * columns) {
        attack->tried++;
        note_guess(attack);
        return;
    }
    size_t i = place(s, cell / columns, cell % columns);
    for (int shift = -1; shift <= 1; shift++) {
        if ((shift != 0 && !s->hidden[i]) || s->counts[i] + shift < 0)
            continue;
        attack->guess.counts[i] = s->counts[i] + shift;
        guess_from(attack, cell + 1);
    }
}

static void assert_nothing_is_known(const struct sample *s)
{
    struct attack attack = {.seen = s, .guess = *s};
    for (size_t i = 0; i < s->rows * s->columns; i++) {
        attack.least[i] = INT64_MAX;
        attack.most[i] = -1;
    }
    guess_from(&attack, 0);
    for (size_t i = 0; i < s->rows * s->columns; i++)
        assert_true(!s->hidden[i] || attack.least[i] < attack.most[i]);
}

static void assert_no_small_rest(const struct sample *s, int64_t k)
{
    for (size_t r = 0; r + 1 < s->rows; r++) {
        int64_t sum = 0;
        size_t hidden = 0;
        for (size_t c = 0; c + 1 < s->columns; c++) {
            hidden += s->hidden[place(s, r, c)];
            sum += s->hidden[place(s, r, c)] ? s->counts[place(s, r, c)] : 0;
        }
        assert_true(s->hidden[place(s, r, s->columns - 1)] || hidden == 0 || sum >= k);
    }
}

static void no_hidden_cell_can_be_computed(void **state)
{
    (void)state;
    srand(42);
    int protected = 0, hidden = 0;
    for (int round = 0; round < 400; round++) {
        int64_t k = 2 + rand() % 4;
        struct sample s = random_sample(14);
        if (!protect_totals(&s, k))
            continue;
        struct disclosure_table table = {s.rows, s.columns, s.counts, s.hidden};
        if (!disclosure_protect_table(&table, k))
            continue;
        protected++;
        for (size_t r = 0; r + 1 < s.rows; r++)
            for (size_t c = 0; c + 1 < s.columns; c++) {
                hidden += s.hidden[place(&s, r, c)];
                assert_true(s.hidden[place(&s, r, c)] || s.counts[place(&s, r, c)] == 0 ||
                            s.counts[place(&s, r, c)] >= k);
            }
        assert_no_small_rest(&s, k);
        assert_nothing_is_known(&s);
    }
    assert_true(protected > 300 && hidden > 500); /* or nothing was tried */
}

static void a_table_without_small_cells_is_shown_whole(void **state)
{
    (void)state;
    struct sample s = {.rows = 3, .columns = 3, .counts = {10, 20, 0, 30, 40, 0, 0, 0, 0}};
    add_totals(&s);
    struct disclosure_table table = {3, 3, s.counts, s.hidden};
    assert_true(disclosure_protect_table(&table, 5));
    for (size_t i = 0; i < 9; i++)
        assert_false(s.hidden[i]);
}

static void one_small_cell_takes_a_circle_of_four_with_it(void **state)
{
    (void)state;
    struct sample s = {
        .rows = 4, .columns = 4, .counts = {2, 50, 60, 0, 50, 20, 70, 0, 80, 90, 10, 0, 0, 0, 0, 0}};
    add_totals(&s);
    struct disclosure_table table = {4, 4, s.counts, s.hidden};
    assert_true(disclosure_protect_table(&table, 5));
    size_t hidden = 0;
    for (size_t i = 0; i < 16; i++)
        hidden += s.hidden[i];
    assert_int_equal(hidden, 4);
    assert_true(s.hidden[0]);
}

/* Two circles of small cells and one small cell that joins them: each line hides two at least, and yet the cell between
 * is the difference of shown numbers. */
static void a_bridge_between_circles_is_covered(void **state)
{
    (void)state;
    struct sample s = {.rows = 5, .columns = 5, .counts = {3,  3,  50, 60, 0, 3,  3,  4, 70, 0,
                                                           80, 90, 3,  3,  0, 55, 65, 3, 3,  0}};
    add_totals(&s);
    struct disclosure_table table = {5, 5, s.counts, s.hidden};
    assert_true(disclosure_protect_table(&table, 5));
    size_t hidden = 0;
    for (size_t i = 0; i < 25; i++)
        hidden += s.hidden[i];
    assert_in_range(hidden, 10, 12);
    assert_nothing_is_known(&s);
}

static void a_table_too_large_to_judge_is_not_shown(void **state)
{
    (void)state;
    enum { SIDE = 80 };
    int64_t *counts = calloc((size_t)SIDE * SIDE, sizeof *counts);
    bool *hidden = calloc((size_t)SIDE * SIDE, sizeof *hidden);
    assert_true(counts && hidden);
    for (size_t i = 0; i < (size_t)SIDE * SIDE; i++)
        counts[i] = 100;
    struct disclosure_table table = {SIDE, SIDE, counts, hidden};
    assert_false(disclosure_protect_table(&table, 5));
    assert_true(hidden[0] && hidden[SIDE - 2] && !hidden[SIDE - 1]);
    free(counts);
    free(hidden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_hides_small_cells_and_never_one_alone),
        cmocka_unit_test(a_list_keeps_what_was_hidden_before),
        cmocka_unit_test(neighbours_on_a_scale_are_joined),
        cmocka_unit_test(every_joined_group_is_large_enough),
        cmocka_unit_test(no_hidden_cell_can_be_computed),
        cmocka_unit_test(a_table_without_small_cells_is_shown_whole),
        cmocka_unit_test(one_small_cell_takes_a_circle_of_four_with_it),
        cmocka_unit_test(a_bridge_between_circles_is_covered),
        cmocka_unit_test(a_table_too_large_to_judge_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

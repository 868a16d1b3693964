/* The lifecycle table and the maps that statements judge by. */
#include "domain/lifecycle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

static json_t *parsed(struct slice map)
{
    json_t *object = json_loadb(map.data, map.len, 0, NULL);
    assert_non_null(object);
    return object;
}

static bool is_citizens(const struct transition *row)
{
    return row->permission == PERMISSION_CITIZEN;
}

/* How many of the map's pairs there are; each is exactly one row of the table. */
static size_t count_rows(enum thing thing, struct slice text)
{
    json_t *map = parsed(text), *targets, *target;
    const char *from;
    size_t i, listed = 0;
    json_object_foreach (map, from, targets)
        json_array_foreach (targets, i, target) {
            size_t rows = 0;
            for (size_t k = 0; k < lifecycle_transition_count; k++) {
                const struct transition *row = &lifecycle_transitions[k];
                rows += row->thing == thing && !is_citizens(row) && !strcmp(row->from, from) &&
                        !strcmp(row->to, json_string_value(target));
            }
            assert_int_equal(rows, 1);
            listed++;
        }
    json_decref(map);
    return listed;
}

static size_t count_citizens_rows(enum thing thing)
{
    size_t count = 0;
    for (size_t i = 0; i < lifecycle_transition_count; i++) {
        const struct transition *row = &lifecycle_transitions[i];
        count += row->thing == thing && is_citizens(row) &&
                 lifecycle_citizen_may(thing, slice_of(row->from), row->to);
    }
    return count;
}

/* The map of staff and the citizen's moves are exactly the rows of the table. */
static void every_row_is_of_staff_or_of_citizens(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);
    size_t listed = 0;
    for (enum thing thing = 0; thing < THING_COUNT; thing++)
        listed += count_rows(thing, lifecycle_known(&arena, thing)) + count_citizens_rows(thing);
    assert_int_equal(listed, lifecycle_transition_count);
    arena_done(&arena);
}

static void no_permission_of_staff_stands_for_the_citizen(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);
    uint64_t all = PERMISSION_BIT(PERMISSION_COUNT) - 1;
    struct slice permitted = lifecycle_permitted(&arena, THING_COMPLAINT, all);
    assert_true(slice_equal(permitted, lifecycle_known(&arena, THING_COMPLAINT)));
    assert_null(strstr(permitted.data, "withdrawn"));
    arena_done(&arena);
}

static void the_citizen_moves_by_rows_of_the_citizen_only(void **state)
{
    (void)state;
    assert_true(lifecycle_citizen_may(THING_COMPLAINT, SLICE("registered"), "withdrawn"));
    assert_false(lifecycle_citizen_may(THING_COMPLAINT, SLICE("registered"), "in_progress"));
    assert_false(lifecycle_citizen_may(THING_COMPLAINT, SLICE("withdrawn"), "registered"));
    assert_false(lifecycle_citizen_may(THING_DRAFT, SLICE("preparing"), "withdrawn")); /* staff may */
    assert_string_equal(lifecycle_citizen_next(THING_COMPLAINT, SLICE("answered")), "in_progress");
    assert_string_equal(lifecycle_citizen_next(THING_INFO_REQUEST, SLICE("refused")), "appealed");
    assert_null(lifecycle_citizen_next(THING_SUGGESTION, SLICE("approved")));
}

static void permitted_map_holds_what_the_caller_may_do(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);

    struct slice office = lifecycle_permitted(&arena, THING_DRAFT, PERMISSION_BIT(PERMISSION_DRAFT_ISSUE));
    assert_true(slice_is(office, "{\"approved\":[\"promulgated\",\"sent\"]}"));
    struct slice nobody = lifecycle_permitted(&arena, THING_COMMENT, PERMISSION_BIT(PERMISSION_DRAFT_ISSUE));
    assert_true(slice_is(nobody, "{}"));
    arena_done(&arena);
}

static void refusing_hiding_and_ending_transitions_need_a_reason(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);
    struct slice comment = lifecycle_reasons(&arena, THING_COMMENT);
    assert_true(slice_is(
        comment, "{\"pending\":[\"withheld\",\"rejected\"],\"published\":[\"withheld\",\"rejected\"]}"));

    for (size_t i = 0; i < lifecycle_transition_count; i++) {
        const struct transition *row = &lifecycle_transitions[i];
        bool is_refusing = !strcmp(row->to, "refused") || !strcmp(row->to, "spam") ||
                           (!strcmp(row->to, "withdrawn") && !is_citizens(row)) ||
                           !strcmp(row->to, "exempted") || !strcmp(row->to, "withheld") ||
                           !strcmp(row->to, "rejected");
        assert_true(!is_refusing || row->is_reason_needed);
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_of_staff_or_of_citizens),
        cmocka_unit_test(no_permission_of_staff_stands_for_the_citizen),
        cmocka_unit_test(the_citizen_moves_by_rows_of_the_citizen_only),
        cmocka_unit_test(permitted_map_holds_what_the_caller_may_do),
        cmocka_unit_test(refusing_hiding_and_ending_transitions_need_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Arenas: zeroed, aligned, never overlapping, released in reverse order, and as small again after a reset. */
#include "unit.h"

#include "base/arena.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char calls[16];

static void note_call(void *data)
{
    strncat(calls, data, 1);
}

static void allocations_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 256);
    unsigned char *pieces[200];
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        size_t size = i % 70;
        pieces[i] = arena_alloc(&arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        for (size_t j = 0; j < size; j++)
            assert_int_equal(pieces[i][j], 0);
        memset(pieces[i], (int)i, size);
    }
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        for (size_t j = 0; j < i % 70; j++)
            assert_int_equal(pieces[i][j], (unsigned char)i);
    arena_done(&arena);
}

static void memory_is_zeroed_again_after_a_reset(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 128);
    char *first = arena_alloc(&arena, 64);
    memset(first, 0xff, 64);
    arena_reset(&arena);
    char *again = arena_alloc(&arena, 64);
    assert_ptr_equal(again, first); /* the first chunk was kept */
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(again[i], 0);
    arena_done(&arena);
}

static void a_piece_larger_than_a_chunk_leaves_the_front_chunk_in_use(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 128);
    char *before = arena_alloc(&arena, 16);
    char *big = arena_alloc(&arena, 100000);
    char *after = arena_alloc(&arena, 16);
    memset(big, 1, 100000);
    assert_in_range(after - before, 16, 112);
    arena_reset(&arena);
    assert_ptr_equal(arena_alloc(&arena, 16), before);
    arena_done(&arena);
}

static void a_big_piece_may_come_first(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64);
    memset(arena_alloc(&arena, 1000), 1, 1000);
    memset(arena_alloc(&arena, 10), 2, 10);
    arena_reset(&arena);
    memset(arena_alloc(&arena, 10), 3, 10);
    arena_done(&arena);
}

static void copies_end_with_nul(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64);
    assert_memory_equal(arena_copy(&arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    struct slice copy = arena_slice(&arena, (struct slice){"abcd", 3});
    assert_string_equal(copy.data, "abc");
    assert_int_equal(copy.len, 3);
    assert_string_equal(arena_strdup(&arena, "نامه"), "نامه");
    assert_string_equal(arena_printf(&arena, "%s-%07d", "1405", 12345), "1405-0012345");
    assert_int_equal(strlen(arena_printf(&arena, "%500s", "x")), 500);
    arena_done(&arena);
}

static void deferred_calls_run_once_in_reverse_order(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64);
    calls[0] = '\0';
    for (const char *letter = "abc"; *letter; letter++)
        arena_defer(&arena, note_call, (void *)(uintptr_t)letter);
    arena_reset(&arena);
    assert_string_equal(calls, "cba");
    arena_reset(&arena);
    arena_defer(&arena, note_call, (void *)(uintptr_t) "d");
    arena_done(&arena);
    assert_string_equal(calls, "cbad");
}

/* Whether `attempt` aborts, tried in a child whose stderr is closed. */
static bool aborts(void (*attempt)(struct arena *))
{
    pid_t child = fork();
    if (child == 0) {
        struct arena arena;
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        arena_init(&arena, 64);
        attempt(&arena);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void allocate_product_overflow(struct arena *arena)
{
    arena_alloc_array(arena, SIZE_MAX / 8 + 1, 16);
}

static void allocate_everything(struct arena *arena)
{
    arena_alloc(arena, SIZE_MAX - 8);
}

static void allocate_a_little(struct arena *arena)
{
    arena_alloc_array(arena, 3, 16);
}

static void sizes_that_overflow_abort(void **state)
{
    (void)state;
    assert_true(aborts(allocate_product_overflow));
    assert_true(aborts(allocate_everything));
    assert_false(aborts(allocate_a_little));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_zeroed_aligned_and_apart),
        cmocka_unit_test(memory_is_zeroed_again_after_a_reset),
        cmocka_unit_test(a_piece_larger_than_a_chunk_leaves_the_front_chunk_in_use),
        cmocka_unit_test(a_big_piece_may_come_first),
        cmocka_unit_test(copies_end_with_nul),
        cmocka_unit_test(deferred_calls_run_once_in_reverse_order),
        cmocka_unit_test(sizes_that_overflow_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

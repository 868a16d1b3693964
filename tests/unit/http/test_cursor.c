/* Cursors: what was written is read again, and nothing else is. */
#include "unit.h"

#include "cursor.h"

static const struct secret key = {{1, 2, 3}};
static const struct cursor somewhere = {INT64_C(1796083200123456), {{0x01, 0x9a, 0xff, 7, 8, 9}}};

static void reads_what_it_wrote(void **state)
{
    (void)state;
    static const int64_t instants[] = {0, 1, -1, INT64_C(1796083200123456), INT64_MAX, INT64_MIN};
    struct arena arena;
    arena_init(&arena, 4096);
    for (size_t i = 0; i < ARRAY_LEN(instants); i++) {
        struct cursor written = {instants[i], somewhere.id}, read;
        char *text = cursor_write(&arena, &key, SLICE("list"), written);
        assert_int_equal(strlen(text), 43);
        assert_true(cursor_read(&key, SLICE("list"), slice_of(text), &read));
        assert_true(read.at_us == written.at_us);
        assert_true(uuid_equal(read.id, written.id));
    }
    arena_done(&arena);
}

/* Each byte of the text replaced by each other byte that could stand there. */
static void refuses_every_change(void **state)
{
    (void)state;
    struct arena arena;
    struct cursor read = {42, {{0}}};
    arena_init(&arena, 4096);
    char *text = cursor_write(&arena, &key, SLICE("list"), somewhere);
    size_t len = strlen(text), tried = 0;
    for (size_t at = 0; at < len; at++) {
        char former = text[at];
        for (int c = 0; c < 256; c++) {
            if ((char)c == former)
                continue;
            text[at] = (char)c;
            assert_false(cursor_read(&key, SLICE("list"), (struct slice){text, len}, &read));
            tried++;
        }
        text[at] = former;
    }
    assert_int_equal(tried, 43 * 255);
    assert_int_equal(read.at_us, 42);
    arena_done(&arena);
}

static void refuses_other_lengths(void **state)
{
    (void)state;
    struct arena arena;
    struct cursor read;
    arena_init(&arena, 4096);
    const char *text = cursor_write(&arena, &key, SLICE("list"), somewhere);
    for (size_t len = 0; len < strlen(text); len++)
        assert_false(cursor_read(&key, SLICE("list"), (struct slice){text, len}, &read));
    const char *longer = arena_printf(&arena, "%sA", text);
    assert_false(cursor_read(&key, SLICE("list"), slice_of(longer), &read));
    arena_done(&arena);
}

static void belongs_to_one_list_and_one_server(void **state)
{
    (void)state;
    static const struct secret other_key = {{1, 2, 4}};
    struct arena arena;
    struct cursor read;
    arena_init(&arena, 4096);
    const char *text = cursor_write(&arena, &key, SLICE("list"), somewhere);
    assert_false(cursor_read(&key, SLICE("lists"), slice_of(text), &read));
    assert_false(cursor_read(&key, SLICE(""), slice_of(text), &read));
    assert_false(cursor_read(&other_key, SLICE("list"), slice_of(text), &read));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(refuses_every_change),
        cmocka_unit_test(refuses_other_lengths),
        cmocka_unit_test(belongs_to_one_list_and_one_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Buffers: exact contents, the maximum as a hard edge, and JSON strings against jansson's reading of them. */
#include "unit.h"

#include "base/buffer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void assert_holds(const struct buffer *buffer, const char *expected)
{
    assert_int_equal(buffer->len, strlen(expected));
    assert_string_equal(buffer->data, expected);
    assert_false(buffer->overflow);
}

static void parts_are_appended_in_order(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    buffer_str(&buffer, "a");
    buffer_append(&buffer, "bc", 2);
    buffer_slice(&buffer, SLICE("d"));
    buffer_char(&buffer, 'e');
    buffer_printf(&buffer, "%d%%", 5);
    buffer_append(&buffer, NULL, 0);
    assert_holds(&buffer, "abcde5%");
    buffer_done(&buffer);
}

static void integers_are_written_up_to_their_limits(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-1, "-1"},
        {10, "10"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_done) struct buffer buffer;
        buffer_init(&buffer, 100);
        buffer_int(&buffer, cases[i].n);
        assert_holds(&buffer, cases[i].text);
    }
}

static void the_maximum_is_reached_but_not_passed(void **state)
{
    (void)state;
    CLEANUP(buffer_done) struct buffer buffer;
    buffer_init(&buffer, 5);
    buffer_str(&buffer, "abc");
    buffer_str(&buffer, "de");
    assert_holds(&buffer, "abcde");
    buffer_char(&buffer, 'f');
    assert_true(buffer.overflow);
    assert_string_equal(buffer.data, "abcde");
}

static void after_an_overflow_nothing_more_is_taken(void **state)
{
    (void)state;
    CLEANUP(buffer_done) struct buffer buffer;
    buffer_init(&buffer, 5);
    buffer_str(&buffer, "abc");
    buffer_printf(&buffer, "%d", 12345);
    buffer_char(&buffer, 'x'); /* would fit, but must not follow a hole */
    assert_true(buffer.overflow);
    assert_string_equal(buffer.data, "abc");
    buffer_clear(&buffer);
    assert_holds(&buffer, "");
    buffer_str(&buffer, "again");
    assert_holds(&buffer, "again");
}

static void growth_keeps_every_byte_up_to_a_megabyte(void **state)
{
    (void)state;
    CLEANUP(buffer_done) struct buffer buffer;
    buffer_init(&buffer, 1000003);
    for (size_t i = 0; i < 1000003; i++)
        buffer_char(&buffer, (char)(i % 251));
    assert_false(buffer.overflow);
    assert_int_equal(buffer.len, 1000003);
    for (size_t i = 0; i < buffer.len; i++)
        if (buffer.data[i] != (char)(i % 251))
            fail_msg("byte %zu", i);
    buffer_char(&buffer, 'x');
    assert_true(buffer.overflow);
}

static void a_view_of_nothing_is_empty_text(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10);
    assert_int_equal(buffer_view(&buffer).len, 0);
    assert_non_null(buffer_view(&buffer).data);
    buffer_done(&buffer);
    buffer_done(&buffer);
}

static void stolen_bytes_outlive_the_buffer(void **state)
{
    (void)state;
    struct buffer buffer;
    size_t len = 99;
    buffer_init(&buffer, 10);
    char *nothing = buffer_steal(&buffer, &len);
    assert_int_equal(len, 0);
    assert_string_equal(nothing, "");
    buffer_str(&buffer, "body");
    char *body = buffer_steal(&buffer, &len);
    assert_int_equal(buffer.len, 0);
    buffer_str(&buffer, "next");
    buffer_done(&buffer);
    assert_int_equal(len, 4);
    assert_string_equal(body, "body");
    free(body);
    free(nothing);
}

static void json_strings_escape_what_json_demands(void **state)
{
    (void)state;
    static const struct {
        struct slice in;
        const char *out;
    } cases[] = {
        {{"", 0}, "\"\""},
        {{"a\"b\\c/", 6}, "\"a\\\"b\\\\c/\""},
        {{"\b\f\n\r\t", 5}, "\"\\b\\f\\n\\r\\t\""},
        {{"\0\x01\x1f\x7f", 4}, "\"\\u0000\\u0001\\u001f\x7f\""},
        {{"سلام دنیا!", 18}, "\"سلام دنیا!\""},
        {{"12345678\"12345678", 17}, "\"12345678\\\"12345678\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_done) struct buffer buffer;
        buffer_init(&buffer, 100);
        buffer_json_string(&buffer, cases[i].in);
        assert_holds(&buffer, cases[i].out);
    }
}

/* Every ASCII byte at every place of a word, so that the eight-byte scan is tried at all its offsets. */
static void json_strings_are_read_back_by_jansson(void **state)
{
    (void)state;
    char text[20];
    for (int c = 1; c < 0x80; c++) {
        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, 'x', sizeof text);
            memcpy(text, "ی", 2);
            text[at < 2 ? 2 : at] = (char)c;
            CLEANUP(buffer_done) struct buffer buffer;
            buffer_init(&buffer, 200);
            buffer_char(&buffer, '[');
            buffer_json_string(&buffer, (struct slice){text, sizeof text});
            buffer_char(&buffer, ']');
            json_t *array = json_loadb(buffer.data, buffer.len, 0, NULL);
            assert_non_null(array);
            assert_int_equal(json_string_length(json_array_get(array, 0)), sizeof text);
            assert_memory_equal(json_string_value(json_array_get(array, 0)), text, sizeof text);
            json_decref(array);
        }
    }
}

static void a_json_string_that_does_not_fit_overflows(void **state)
{
    (void)state;
    for (size_t max = 0; max < 12; max++) {
        CLEANUP(buffer_done) struct buffer buffer;
        buffer_init(&buffer, max);
        buffer_json_string(&buffer, SLICE("abc\ndef\"")); /* 12 bytes written */
        assert_true(buffer.overflow);
        assert_true(buffer.len <= max);
    }
    CLEANUP(buffer_done) struct buffer buffer;
    buffer_init(&buffer, 12);
    buffer_json_string(&buffer, SLICE("abc\ndef\""));
    assert_holds(&buffer, "\"abc\\ndef\\\"\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_appended_in_order),
        cmocka_unit_test(integers_are_written_up_to_their_limits),
        cmocka_unit_test(the_maximum_is_reached_but_not_passed),
        cmocka_unit_test(after_an_overflow_nothing_more_is_taken),
        cmocka_unit_test(growth_keeps_every_byte_up_to_a_megabyte),
        cmocka_unit_test(a_view_of_nothing_is_empty_text),
        cmocka_unit_test(stolen_bytes_outlive_the_buffer),
        cmocka_unit_test(json_strings_escape_what_json_demands),
        cmocka_unit_test(json_strings_are_read_back_by_jansson),
        cmocka_unit_test(a_json_string_that_does_not_fit_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

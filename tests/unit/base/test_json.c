/* The reader of bodies: what is refused, with which verdict and where, and that the limits are exact. */
#include "unit.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

static const struct json_limits roomy = {32, 20000};

/* Reads `text`, releases the value, and says how it went. */
static enum json_verdict verdict_of(struct slice text, struct json_limits limits)
{
    json_t *value = NULL;
    enum json_verdict verdict = json_read(text, limits, &value, NULL);
    assert_int_equal(verdict == JSON_FINE, value != NULL);
    json_decref(value);
    return verdict;
}

static void objects_and_arrays_are_read(void **state)
{
    (void)state;
    json_t *value = NULL;
    size_t offset = 77;
    enum json_verdict verdict =
        json_read(SLICE(" {\"متن\":\"سلام\",\"n\":[1,-2,0.5,true,null,{}]} "), roomy, &value, &offset);
    assert_int_equal(verdict, JSON_FINE);
    assert_int_equal(offset, 77);
    assert_string_equal(json_string_value(json_object_get(value, "متن")), "سلام");
    assert_int_equal(json_array_size(json_object_get(value, "n")), 6);
    json_decref(value);
}

static void faults_get_their_verdict_and_leave_the_result_alone(void **state)
{
    (void)state;
    static const struct {
        struct slice text;
        enum json_verdict verdict;
    } cases[] = {
        {{NULL, 0}, JSON_MALFORMED},
        {{"", 0}, JSON_MALFORMED},
        {{"  ", 2}, JSON_MALFORMED},
        {{"1", 1}, JSON_MALFORMED},
        {{"\"text\"", 6}, JSON_MALFORMED},
        {{"null", 4}, JSON_MALFORMED},
        {{"{", 1}, JSON_MALFORMED},
        {{"{\"a\":", 5}, JSON_MALFORMED},
        {{"[\"a", 3}, JSON_MALFORMED},
        {{"[\"a\\", 4}, JSON_MALFORMED},
        {{"[1,]", 4}, JSON_MALFORMED},
        {{"[1] x", 5}, JSON_MALFORMED},
        {{"[01]", 4}, JSON_MALFORMED},
        {{"[NaN]", 5}, JSON_MALFORMED},
        {{"[1e400]", 7}, JSON_MALFORMED},
        {{"[9223372036854775808]", 21}, JSON_MALFORMED},
        {{"[\"\\u0000\"]", 10}, JSON_MALFORMED},
        {{"[\"\\ud800\"]", 10}, JSON_MALFORMED},
        {{"[\"\0\"]", 5}, JSON_MALFORMED},
        {{"[]\0", 3}, JSON_MALFORMED},
        {{"\xef\xbb\xbf[]", 5}, JSON_MALFORMED},
        {{"[\"\n\"]", 5}, JSON_MALFORMED},
        {{"]]]", 3}, JSON_MALFORMED},
        {{"[\"\xff\"]", 5}, JSON_NOT_UTF8},
        {{"[\"\xc0\x80\"]", 6}, JSON_NOT_UTF8},
        {{"[\"\xed\xa0\x80\"]", 7}, JSON_NOT_UTF8},
        {{"{\"a\":1,\"a\":1}", 13}, JSON_DUPLICATE_MEMBER},
        {{"{\"a\":1,\"\\u0061\":1}", 18}, JSON_DUPLICATE_MEMBER},
        {{"[{\"b\":{\"a\":1,\"a\":2}}]", 22}, JSON_DUPLICATE_MEMBER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *untouched = (json_t *)&roomy, *value = untouched;
        if (json_read(cases[i].text, roomy, &value, NULL) != cases[i].verdict)
            fail_msg("case %zu", i);
        assert_ptr_equal(value, untouched);
    }
}

static void the_offset_tells_where(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t least, most;
    } cases[] = {
        {"{\"a\":\"\xff\"}", 6, 6},
        {"[1,2,x]", 5, 7},
        {"{\"a\":1,\"a\":2}", 7, 11},
        {"[[[[[", 4, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *value = NULL;
        size_t offset = 999;
        assert_int_not_equal(
            json_read(slice_of(cases[i].text), (struct json_limits){4, 100}, &value, &offset), 0);
        assert_in_range(offset, cases[i].least, cases[i].most);
    }
}

static void depth_is_bounded_exactly(void **state)
{
    (void)state;
    struct json_limits three = {3, 100};
    assert_int_equal(verdict_of(SLICE("[[[]]]"), three), JSON_FINE);
    assert_int_equal(verdict_of(SLICE("[[[[]]]]"), three), JSON_TOO_DEEP);
    assert_int_equal(verdict_of(SLICE("{\"a\":{\"b\":{}}}"), three), JSON_FINE);
    assert_int_equal(verdict_of(SLICE("{\"a\":{\"b\":[{}]}}"), three), JSON_TOO_DEEP);
    assert_int_equal(verdict_of(SLICE("[[[]],[[]],[[]]]"), three), JSON_FINE);
    assert_int_equal(verdict_of(SLICE("[\"[[[[\",\"\\\"[[[[\",\"\\\\\",\"]\"]"), three), JSON_FINE);
    assert_int_equal(verdict_of(SLICE("{\"[[[[\":1}"), three), JSON_FINE);
}

static void values_are_counted_exactly_and_names_are_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t nodes;
    } cases[] = {
        {"[]", 1},
        {"{}", 1},
        {"[1]", 2},
        {"[ 1 , 2 ]", 3},
        {"[true,false,null,-1.5e3]", 5},
        {"[[],{},\"\"]", 4},
        {"{\"a\":1}", 2},
        {"{ \"a\" : 1 , \"b\" : \"x\" }", 3},
        {"{\"a\":{\"b\":[\"c\",\"d:\",\"\\\",[\"]}}", 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slice text = slice_of(cases[i].text);
        if (verdict_of(text, (struct json_limits){9, cases[i].nodes}) != JSON_FINE)
            fail_msg("%s: refused at its own size", cases[i].text);
        if (verdict_of(text, (struct json_limits){9, cases[i].nodes - 1}) != JSON_TOO_MANY_NODES)
            fail_msg("%s: more than %zu", cases[i].text, cases[i].nodes - 1);
    }
}

static void a_megabyte_of_empty_objects_is_refused_before_it_is_built(void **state)
{
    (void)state;
    size_t len = 1000000;
    char *text = malloc(len);
    text[0] = '[';
    for (size_t i = 1; i < len; i++)
        text[i] = "{},"[(i - 1) % 3];
    json_t *value = NULL;
    size_t offset = 0;
    assert_int_equal(json_read((struct slice){text, len}, roomy, &value, &offset), JSON_TOO_MANY_NODES);
    assert_in_range(offset, 3 * 19990, 3 * 20010); /* seen after 20,000 of them */
    memset(text, '[', len);
    assert_int_equal(json_read((struct slice){text, len}, roomy, &value, &offset), JSON_TOO_DEEP);
    assert_int_equal(offset, 32);
    free(text);
}

static void values_and_their_text_live_as_long_as_the_arena(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);
    json_t *value = json_pack("{s:s, s:[f, n]}", "متن", "سلام", "n", 99.9);
    json_incref(value); /* ours */
    assert_ptr_equal(json_keep(&arena, value), value);
    assert_null(json_keep(&arena, NULL));
    struct slice text = json_text(&arena, value);
    assert_string_equal(text.data, "{\"متن\":\"سلام\",\"n\":[99.9,null]}");
    assert_int_equal(text.len, strlen(text.data));
    assert_string_equal(json_text(&arena, json_array_get(json_object_get(value, "n"), 0)).data, "99.9");
    assert_int_equal(value->refcount, 2);
    arena_done(&arena);
    assert_int_equal(value->refcount, 1);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_and_arrays_are_read),
        cmocka_unit_test(faults_get_their_verdict_and_leave_the_result_alone),
        cmocka_unit_test(values_and_their_text_live_as_long_as_the_arena),
        cmocka_unit_test(the_offset_tells_where),
        cmocka_unit_test(depth_is_bounded_exactly),
        cmocka_unit_test(values_are_counted_exactly_and_names_are_not),
        cmocka_unit_test(a_megabyte_of_empty_objects_is_refused_before_it_is_built),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

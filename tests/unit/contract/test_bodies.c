/* Whole bodies under the schemas of the sample contract: variants, recursion, defaults, NFC, many faults. */
#include "unit.h"

#include <string.h>

struct sample {
    struct contract *contract;
    struct arena arena;
};

static int open_sample(void **state)
{
    static struct sample sample;

    sample.contract = unit_compile_sample();
    arena_init(&sample.arena, 4096);
    *state = &sample;
    return 0;
}

static int close_sample(void **state)
{
    struct sample *sample = *state;

    contract_free(sample->contract);
    arena_done(&sample->arena);
    return 0;
}

static void assert_faults(struct sample *sample, const char *schema, const char *json, const char *expected)
{
    const char *faults =
        unit_validate(&sample->arena, contract_schema(sample->contract, schema), json, SCHEMA_REQUEST, NULL);
    assert_string_equal(faults, expected);
}

static void the_discriminator_chooses_the_variant(void **state)
{
    assert_faults(*state, "Media", "{\"medium\": \"paper\", \"weight\": 3}", "");
    assert_faults(*state, "Media", "{\"medium\": \"paper\", \"weight\": 0}", "too_small@/weight(1)");
    assert_faults(*state, "Media", "{\"medium\": \"sound\"}", "required@/minutes");
    assert_faults(*state, "Media", "{\"medium\": \"sound\", \"minutes\": 1, \"weight\": 1}",
                  "unknown_member@/weight");
    assert_faults(*state, "Media", "{\"weight\": 1}", "required@/medium");
    assert_faults(*state, "Media", "{\"medium\": \"stone\"}", "no_variant@/medium(paper, sound)");
    assert_faults(*state, "Media", "{\"medium\": 1}", "no_variant@/medium(paper, sound)");
    assert_faults(*state, "Media", "[]", "wrong_type@(object)");
}

static void a_schema_may_refer_to_itself(void **state)
{
    assert_faults(*state, "Shelf", "{\"room\": \"1\", \"inside\": {\"room\": \"2\", \"inside\": null}}", "");
    assert_faults(*state, "Shelf", "{\"room\": \"1\", \"inside\": {\"inside\": {\"room\": 3}}}",
                  "required@/inside/room wrong_type@/inside/inside/room(string)");
}

static void every_fault_of_a_body_is_named(void **state)
{
    assert_faults(
        *state, "BookNew",
        "{\"title\": \"a\", \"kind\": \"prose\", \"authors\": [{\"name\": \"\"}, {\"nom\": 1}], \"isbn\": "
        "\"12\", \"pages\": 0, \"price\": \"1\", \"media\": {\"medium\": \"sound\"}, \"labels\": {\"x\": "
        "\"123456\"}, \"edition\": 2, \"bought_on\": \"1405-13-01\", \"donor\": {\"mobile\": \"1\"}, "
        "\"extra\": 1}",
        "too_short@/title(2) not_allowed@/kind(novel, poetry, science) too_short@/authors/0/name(1) "
        "required@/authors/1/name unknown_member@/authors/1/nom wrong_pattern@/isbn(^[0-9]{13}$) "
        "too_small@/pages(1) wrong_type@/price(number) required@/media/minutes too_long@/labels/x(5) "
        "not_allowed@/edition(1) wrong_format@/bought_on(date) "
        "wrong_format@/donor/mobile(iran-mobile) unknown_member@/extra");
}

static void two_hundred_faults_are_reported_and_more_are_counted(void **state)
{
    struct sample *sample = *state;
    const struct schema *schema = contract_schema(sample->contract, "BookNew");
    json_t *body =
        json_pack("{s:s, s:s, s:[{s:s}]}", "title", "کتاب", "kind", "novel", "authors", "name", "a");
    struct faults faults;
    char name[16];

    for (int i = 0; i < 250; i++) {
        snprintf(name, sizeof name, "m%d", i);
        json_object_set_new(body, name, json_integer(i));
    }
    faults_init(&faults, &sample->arena, 200);
    schema_validate(schema, body, SCHEMA_REQUEST, FAULT_IN_BODY, "", &faults);
    json_decref(body);
    assert_int_equal(faults.count, 200);
    assert_int_equal(faults.total, 250);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "/m%d", i);
        assert_string_equal(faults.items[i].pointer, name);
        assert_int_equal(faults.items[i].code, FAULT_unknown_member);
        assert_int_equal(faults.items[i].place, FAULT_IN_BODY);
    }
}

static void defaults_are_filled_into_a_request_only(void **state)
{
    struct sample *sample = *state;
    const struct schema *schema = contract_schema(sample->contract, "Sound");
    json_t *value;

    unit_validate(&sample->arena, schema, "{\"medium\": \"sound\", \"minutes\": 3}", SCHEMA_REPLY, &value);
    assert_int_equal(json_object_size(value), 2);
    json_decref(value);

    for (int i = 0; i < 2; i++) { /* the default is a copy each time */
        unit_validate(&sample->arena, schema, "{\"medium\": \"sound\", \"minutes\": 3}", SCHEMA_REQUEST,
                      &value);
        json_t *reader = json_object_get(value, "reader");
        assert_string_equal(json_string_value(json_object_get(reader, "name")), "unknown");
        json_object_set_new(reader, "name", json_string("changed"));
        json_decref(value);
    }
}

static void texts_are_brought_to_nfc_where_they_stand(void **state)
{
    struct sample *sample = *state;
    const struct schema *schema = contract_schema(sample->contract, "BookNew");
    json_t *body =
        json_pack("{s:s, s:s, s:[{s:s}], s:s, s:b, s:{s:s}}", "title", "Cafe\u0301", "kind", "novel",
                  "authors", "name", "آ", "language", "fa", "is_lent", 0, "labels", "k", "e\u0301");
    struct faults faults;

    faults_init(&faults, &sample->arena, 10);
    assert_true(schema_validate(schema, body, SCHEMA_REQUEST, FAULT_IN_BODY, "", &faults));
    assert_int_equal(faults.total, 0);
    assert_string_equal(json_string_value(json_object_get(body, "title")), "Caf\u00e9");
    assert_string_equal(json_string_value(json_object_get(json_object_get(body, "labels"), "k")), "\u00e9");
    assert_false(schema_validate(schema, body, SCHEMA_REQUEST, FAULT_IN_BODY, "", &faults));
    json_decref(body);
}

static void faults_begin_at_the_pointer_and_place_of_the_value(void **state)
{
    struct sample *sample = *state;
    struct faults faults;
    json_t *value = json_pack("[s]", "prose");

    faults_init(&faults, &sample->arena, 10);
    const struct operation *list = contract_operation(sample->contract, 1);
    assert_string_equal(list->parameters[2].name, "kind");
    schema_validate(list->parameters[2].schema, value, SCHEMA_REQUEST, FAULT_IN_QUERY, "/kind", &faults);
    json_decref(value);
    assert_string_equal(unit_faults_text(&sample->arena, &faults),
                        "not_allowed@/kind/0(novel, poetry, science)");
    assert_int_equal(faults.items[0].place, FAULT_IN_QUERY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_discriminator_chooses_the_variant, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(a_schema_may_refer_to_itself, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(every_fault_of_a_body_is_named, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(two_hundred_faults_are_reported_and_more_are_counted, open_sample,
                                        close_sample),
        cmocka_unit_test_setup_teardown(defaults_are_filled_into_a_request_only, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(texts_are_brought_to_nfc_where_they_stand, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(faults_begin_at_the_pointer_and_place_of_the_value, open_sample,
                                        close_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

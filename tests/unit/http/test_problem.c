/* Problem documents: members, languages, faults with their sentences, what is left out. */
#include "unit.h"

#include "problem_document.h"

#include <jansson.h>

static json_t *document_of(const struct problem_facts *facts)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    problem_write(&out, facts);
    json_t *document = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    buffer_done(&out);
    return document;
}

static const char *member(const json_t *document, const char *name)
{
    return json_string_value(json_object_get(document, name));
}

static void every_row_is_a_problem(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        const struct problem_row *row = &problem_rows[i];
        assert_int_equal(problem_find(slice_of(row->code)), i);
        assert_in_range(row->status, 400, 599);
        json_t *document =
            document_of(&(struct problem_facts){.problem = (enum problem)i, .request_id = "r"});
        assert_string_equal(member(document, "code"), row->code);
        assert_string_equal(member(document, "title"), row->persian);
        assert_int_equal(json_integer_value(json_object_get(document, "status")), row->status);
        json_decref(document);
    }
    assert_int_equal(problem_find(SLICE("no_such_code")), PROBLEM_COUNT);
    assert_int_equal(problem_find(SLICE("")), PROBLEM_COUNT);
}

static void tells_what_it_knows(void **state)
{
    (void)state;
    json_t *document = document_of(&(struct problem_facts){
        .problem = PROBLEM_window_closed,
        .language = LANGUAGE_EN,
        .detail = "It closed \"yesterday\".",
        .instance = SLICE("/v1/orgs/isfahan/drafts"),
        .request_id = "r-1",
        .extension = SLICE("\"closed_at\":\"2026-12-01T00:00:00Z\",\"n\":3"),
    });
    assert_string_equal(member(document, "type"), "/v1/problems#window_closed");
    assert_string_equal(member(document, "title"), "The comment window has closed");
    assert_string_equal(member(document, "detail"), "It closed \"yesterday\".");
    assert_string_equal(member(document, "instance"), "/v1/orgs/isfahan/drafts");
    assert_string_equal(member(document, "request_id"), "r-1");
    assert_string_equal(member(document, "closed_at"), "2026-12-01T00:00:00Z");
    assert_int_equal(json_object_size(document), 9);
    json_decref(document);
}

/* A path that the guard refused may be anything. */
static void leaves_out_what_is_no_text(void **state)
{
    (void)state;
    json_t *document = document_of(&(struct problem_facts){
        .problem = PROBLEM_bad_request, .instance = SLICE("/\xff"), .request_id = ""});
    assert_null(json_object_get(document, "instance"));
    assert_null(json_object_get(document, "detail"));
    assert_null(json_object_get(document, "errors"));
    json_decref(document);
}

static json_t *document_of_faults(struct faults *faults, enum language language)
{
    return document_of(&(struct problem_facts){
        .problem = PROBLEM_validation_failed, .language = language, .request_id = "r", .faults = faults});
}

static void lists_every_fault(void **state)
{
    (void)state;
    struct arena arena;
    struct faults faults;
    arena_init(&arena, 4096);
    faults_init(&faults, &arena, 10);
    faults_add(&faults, FAULT_too_long, FAULT_IN_BODY, "/title", "200");
    faults_add(&faults, FAULT_unknown_parameter, FAULT_IN_QUERY, "/a~1b", NULL);
    faults_add(&faults, FAULT_required, FAULT_IN_HEADER, "/Tracking-Code", NULL);

    json_t *document = document_of_faults(&faults, LANGUAGE_EN);
    const json_t *errors = json_object_get(document, "errors"), *first = json_array_get(errors, 0);
    assert_int_equal(json_array_size(errors), 3);
    assert_string_equal(member(first, "pointer"), "/title");
    assert_string_equal(member(first, "in"), "body");
    assert_string_equal(member(first, "code"), "too_long");
    assert_string_equal(member(first, "detail"), "The text must have at most 200 characters.");
    assert_string_equal(member(first, "expected"), "200");
    assert_string_equal(member(json_array_get(errors, 1), "in"), "query");
    assert_null(json_object_get(json_array_get(errors, 1), "expected"));
    assert_string_equal(member(json_array_get(errors, 2), "in"), "header");
    assert_null(json_object_get(document, "errors_omitted"));
    json_decref(document);

    document = document_of_faults(&faults, LANGUAGE_FA);
    assert_string_equal(member(json_array_get(json_object_get(document, "errors"), 0), "detail"),
                        "متن باید حداکثر 200 نویسه داشته باشد.");
    json_decref(document);
    arena_done(&arena);
}

static void counts_what_it_omits(void **state)
{
    (void)state;
    struct arena arena;
    struct faults faults;
    arena_init(&arena, 4096);
    faults_init(&faults, &arena, 5);
    for (size_t i = 0; i < 200; i++)
        faults_add(&faults, FAULT_unknown_member, FAULT_IN_BODY, arena_printf(&arena, "/m%zu", i), NULL);
    json_t *document = document_of_faults(&faults, LANGUAGE_FA);
    assert_int_equal(json_array_size(json_object_get(document, "errors")), 5);
    assert_int_equal(json_integer_value(json_object_get(document, "errors_omitted")), 195);
    json_decref(document);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_a_problem),     cmocka_unit_test(tells_what_it_knows),
        cmocka_unit_test(leaves_out_what_is_no_text), cmocka_unit_test(lists_every_fault),
        cmocka_unit_test(counts_what_it_omits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

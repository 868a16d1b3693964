/* The sample contract, compiled: what each operation came to be. */
#include "unit.h"

#include <string.h>

static struct contract *contract;

static int compile(void **state)
{
    (void)state;
    contract = unit_compile_sample();
    return 0;
}

static int release(void **state)
{
    (void)state;
    contract_free(contract);
    return 0;
}

static const struct operation *find(const char *id)
{
    for (size_t i = 0; i < contract_operation_count(contract); i++) {
        const struct operation *operation = contract_operation(contract, i);
        assert_int_equal(operation->index, i);
        if (strcmp(operation->id, id) == 0)
            return operation;
    }
    fail_msg("no operation %s", id);
    return NULL;
}

static void operations_stand_in_the_order_of_the_file(void **state)
{
    static const char *const ids[] = {"getHome",    "listBooks",     "createBook", "getBook",    "changeBook",
                                      "removeBook", "getNewestBook", "putCover",   "getNewShelf"};
    unsigned line = 0;

    (void)state;
    assert_int_equal(contract_operation_count(contract), ARRAY_LEN(ids));
    assert_null(contract_operation(contract, ARRAY_LEN(ids)));
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        const struct operation *operation = contract_operation(contract, i);
        assert_string_equal(operation->id, ids[i]);
        assert_true(operation->line > line);
        line = operation->line;
    }
    assert_int_equal(find("getHome")->line, 9);
}

static void path_parameters_come_first_in_the_order_of_the_path(void **state)
{
    const struct operation *get = find("getBook"), *list = find("listBooks");

    (void)state;
    assert_int_equal(get->parameter_count, 2);
    assert_string_equal(get->parameters[0].name, "library");
    assert_string_equal(get->parameters[1].name, "id");
    assert_true(get->parameters[1].is_required);

    assert_int_equal(list->parameter_count, 4);
    assert_string_equal(list->parameters[0].name, "library");
    assert_string_equal(list->parameters[1].name, "limit");
    assert_int_equal(list->parameters[1].in, IN_QUERY);
    assert_false(list->parameters[1].is_required);
    assert_int_equal(json_integer_value(schema_default(list->parameters[1].schema)), 20);
    assert_string_equal(list->parameters[3].name, "Prefer");
    assert_int_equal(list->parameters[3].in, IN_HEADER);
    assert_int_equal(find("getHome")->parameter_count, 0);
}

static void access_and_policy_are_read(void **state)
{
    const struct operation *list = find("listBooks"), *create = find("createBook");

    (void)state;
    assert_true(find("getHome")->is_public);
    assert_int_equal(find("getHome")->permissions, 0);
    assert_int_equal(find("getHome")->cache_seconds, 0);

    assert_true(list->is_public);
    assert_int_equal(list->permissions, 1);
    assert_int_equal(list->rate, 0);
    assert_int_equal(list->cache_seconds, 10);
    assert_int_equal(list->cache_tag, 1);

    assert_false(create->is_public);
    assert_int_equal(create->permissions, 3);
    assert_int_equal(create->rate, 1);
    assert_int_equal(create->drops, 3);
    assert_int_equal(create->body_max, 65536);

    assert_false(find("removeBook")->is_public);
    assert_int_equal(find("removeBook")->permissions, 0);
}

static void bodies_have_a_media_type_and_a_schema(void **state)
{
    const struct operation *create = find("createBook"), *change = find("changeBook");
    const struct operation *cover = find("putCover"), *get = find("getBook");

    (void)state;
    assert_string_equal(create->body_media_type, "application/json");
    assert_ptr_equal(create->body, contract_schema(contract, "BookNew"));
    assert_true(create->is_body_required);
    assert_string_equal(change->body_media_type, "application/merge-patch+json");
    assert_false(change->is_body_required);
    assert_string_equal(cover->body_media_type, "application/octet-stream");
    assert_null(cover->body);
    assert_null(get->body);
    assert_null(get->body_media_type);
}

static void a_response_is_found_by_status_then_by_default(void **state)
{
    const struct operation *list = find("listBooks"), *remove = find("removeBook");

    (void)state;
    assert_ptr_equal(operation_response(list, 200)->schema, contract_schema(contract, "BookList"));
    assert_string_equal(operation_response(list, 200)->media_type, "application/json");
    assert_ptr_equal(operation_response(list, 503)->schema, contract_schema(contract, "Problem"));
    assert_string_equal(operation_response(list, 503)->media_type, "application/problem+json");
    assert_null(operation_response(remove, 204)->media_type);
    assert_null(operation_response(remove, 404));
    assert_string_equal(operation_response(find("getHome"), 200)->media_type, "text/html");
    assert_null(operation_response(find("getNewestBook"), 200)->schema);
    assert_null(contract_schema(contract, "Nothing"));
}

static void requests_are_routed(void **state)
{
    struct route_match match;

    (void)state;
    assert_int_equal(contract_route(contract, METHOD_GET, SLICE("/v1/central/books/new"), &match),
                     ROUTE_FOUND);
    assert_string_equal(match.operation->id, "getNewestBook");
    assert_int_equal(contract_route(contract, METHOD_PATCH, SLICE("/v1/central/books/7"), &match),
                     ROUTE_FOUND);
    assert_string_equal(match.operation->id, "changeBook");
    assert_true(slice_is(match.values[0], "central"));
    assert_true(slice_is(match.values[1], "7"));
    assert_int_equal(contract_route(contract, METHOD_PUT, SLICE("/v1/central/books/new/cover"), &match),
                     ROUTE_FOUND);
    assert_true(slice_is(match.values[1], "new"));
    assert_int_equal(contract_route(contract, METHOD_POST, SLICE("/v1/central/books/7"), &match),
                     ROUTE_NO_METHOD);
    assert_int_equal(match.allowed, 1u << METHOD_GET | 1u << METHOD_HEAD | 1u << METHOD_PATCH |
                                        1u << METHOD_DELETE | 1u << METHOD_OPTIONS);
    assert_int_equal(contract_route(contract, METHOD_GET, SLICE("/v2"), &match), ROUTE_NO_PATH);
}

static void the_contract_is_served_as_json_in_its_own_order(void **state)
{
    struct slice text = contract_as_json(contract);

    (void)state;
    json_t *json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    json_decref(json);
    assert_memory_equal(text.data,
                        "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Library\",\"version\":\"1\"},", 55);
    assert_non_null(strstr(text.data, "\"price\":{\"type\":\"number\",\"minimum\":0.5}"));
    assert_non_null(strstr(text.data, "\"204\":{\"description\":\"Gone\"}"));
}

static void methods_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(http_method_names[METHOD_GET], "GET");
    assert_string_equal(http_method_names[METHOD_OPTIONS], "OPTIONS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_stand_in_the_order_of_the_file),
        cmocka_unit_test(path_parameters_come_first_in_the_order_of_the_path),
        cmocka_unit_test(access_and_policy_are_read),
        cmocka_unit_test(bodies_have_a_media_type_and_a_schema),
        cmocka_unit_test(a_response_is_found_by_status_then_by_default),
        cmocka_unit_test(requests_are_routed),
        cmocka_unit_test(the_contract_is_served_as_json_in_its_own_order),
        cmocka_unit_test(methods_have_their_names),
    };
    return cmocka_run_group_tests(tests, compile, release);
}

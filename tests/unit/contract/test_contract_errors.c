/* Contracts that stop the start: what is wrong about an operation or the file, and on which line. The line
 * that must be named carries "# HERE"; without one the file as a whole is meant. */
#include "errors.h"

#define TOP    "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
#define OK     "      responses: {'204': {description: d}}\n"
#define OPEN   "      security: [{}]\n      x-rate: read\n" OK
#define GET    "  /a:\n    get:\n      operationId: getA\n"
#define POST   "  /a:\n    post:\n      operationId: postA\n"
#define GET_OP "{operationId: b, security: [{}], x-rate: read, responses: {'204': {description: d}}}"

static const struct error_case file_cases[] = {
    {"- a # HERE\n", "a contract must be a map"},
    {"openapi: 3.1.0\npath: {} # HERE\n", "a contract knows no 'path'"},
    {"openapi: 3.0.3 # HERE\npaths: {/a: {get: " GET_OP "}}\n", "not 3.0.3"},
    {"paths: {} # HERE\n", "'openapi' is missing"},
    {"openapi: 3.1.0\n", "'paths' must be a map"},
    {"openapi: 3.1.0\npaths: {} # HERE\n", "'paths' must be a map"},
    {"openapi: 3.1.0\npaths: {/a: {get: " GET_OP "}}\ncomponents: {schemes: {}} # HERE\n",
     "components knows no 'schemes'"},
    {"openapi: 3.1.0\npaths: {/a: {get: " GET_OP "}}\ntags: {name: a} # HERE\n", "'tags' must be a list"},
    {"openapi: 3.1.0\npaths: {/a: {get: " GET_OP "}}\ntags:\n"
     "  - {name: a, description: The door, by code} # HERE\n",
     "a tag knows no 'by code'"},
    {"openapi: 3.1.0\npaths: {/a: {get: " GET_OP "}}\ntags: [{description: a}] # HERE\n",
     "'name' is missing"},
    {"openapi:\n  a: 1\n b: 2 # HERE", "not YAML"},
};

static const struct error_case path_cases[] = {
    {"  a: {get: " GET_OP "} # HERE\n", "'a' is no path"},
    {"  /a/: {} # HERE\n", "'/a/' is no path"},
    {"  //a: {} # HERE\n", "'//a' is no path"},
    {"  /a{b}: {} # HERE\n", "is no path"},
    {"  /{}: {} # HERE\n", "is no path"},
    {"  /a b: {} # HERE\n", "is no path"},
    {"  /{a}/{b}/{c}/{d}/{e}: {} # HERE\n", "may have 4 parameters"},
    {"  /a: [get] # HERE\n", "a path must be a map"},
    {"  /a:\n    head: {} # HERE\n", "a path knows no 'head'"},
    {"  /a: {summary: nothing here} # HERE\n", "a path needs an operation"},
    {"  /a/{b}:\n    get: # HERE\n      operationId: b\n" OPEN, "{b} of the path is not declared"},
    {"  /a/{b}/{b}:\n    parameters: [{name: b, in: path, required: true, schema: {}}]\n    get: # HERE\n"
     "      operationId: b\n" OPEN,
     "names a parameter twice"},
    {"  /a/{b}:\n    get:\n      operationId: b\n"
     "      parameters: [{name: b, in: path, required: true, schema: {}}]\n" OPEN
     "  /a/{c}: # HERE\n    get:\n      operationId: c\n"
     "      parameters: [{name: c, in: path, required: true, schema: {}}]\n" OPEN,
     "has the shape of /a/{b}"},
};

static const struct error_case operation_cases[] = {
    {"  /a:\n    get: # HERE\n" OPEN, "'operationId' is missing"},
    {"  /a:\n    get:\n      operationId: get-a # HERE\n" OPEN, "cannot be an operationId"},
    {"  /a:\n    get:\n      operationId: 5 # HERE\n" OPEN, "must be a text"},
    {GET OPEN "  /b:\n    get:\n      operationId: getA # HERE\n" OPEN, "'getA' is taken by line 5"},
    {GET "      x-raet: read # HERE\n" OPEN, "an operation knows no 'x-raet'"},
    {"  /a:\n    get: # HERE\n      operationId: a\n      x-rate: read\n" OK, "security must be stated"},
    {GET "      security: [] # HERE\n      x-rate: read\n" OK, "security must be stated"},
    {GET "      security: [{key: []}] # HERE\n      x-rate: read\n" OK, "{staff: [...]}"},
    {GET "      security: [staff] # HERE\n      x-rate: read\n" OK, "{staff: [...]}"},
    {GET "      security: [{staff: [book.raed]}] # HERE\n      x-rate: read\n" OK,
     "there is no permission 'book.raed'"},
    {GET "      security: [{staff: all}] # HERE\n      x-rate: read\n" OK, "must be a list of names"},
    {GET "      security: [{staff: []}, {staff: []}] # HERE\n      x-rate: read\n" OK, "may have one"},
    {GET "      security: [{citizen: []}, {citizen: []}] # HERE\n      x-rate: read\n" OK, "may have one"},
    {GET "      security: [{citizen: [book.read]}] # HERE\n      x-rate: read\n" OK, "may have one"},
    {GET "      security: [{}, {}] # HERE\n      x-rate: read\n" OK, "may have one"},
    {"  /a:\n    get: # HERE\n      operationId: a\n      security: [{}]\n" OK, "'x-rate' is missing"},
    {GET "      security: [{}]\n      x-rate: raed # HERE\n" OK, "there is no rate 'raed'"},
    {POST OPEN "      x-cache: {seconds: 1, tag: books} # HERE\n", "x-cache is for a public GET"},
    {GET "      security: [{staff: []}]\n      x-rate: read\n" OK
         "      x-cache: {seconds: 1, tag: books} # HERE\n",
     "x-cache is for a public GET"},
    {GET OPEN "      x-cache: {seconds: 0, tag: books} # HERE\n", "1 to 86400 seconds"},
    {GET OPEN "      x-cache: {seconds: 5} # HERE\n", "needs seconds and tag"},
    {GET OPEN "      x-cache: {seconds: 5, tag: boks} # HERE\n", "there is no tag 'boks'"},
    {GET OPEN "      x-cache: {seconds: 5, tag: books, more: 1} # HERE\n", "x-cache knows no 'more'"},
    {GET OPEN "      x-drops: [books] # HERE\n", "x-drops is for"},
    {POST OPEN "      x-drops: [books, boks] # HERE\n", "there is no tag 'boks'"},
    {POST OPEN "      x-body-max: 5 # HERE\n", "needs a requestBody"},
    {"  /a:\n    get: # HERE\n      operationId: a\n      security: [{}]\n      x-rate: read\n",
     "an operation needs responses"},
    {GET "      responses: {} # HERE\n", "an operation needs responses"},
    {GET "      responses: {ok: {description: d}} # HERE\n", "'ok' is no status"},
    {GET "      responses: {2XX: {description: d}} # HERE\n", "'2XX' is no status"},
    {GET "      responses: {'200': {}} # HERE\n", "'description' is missing"},
    {GET "      responses: {'200': {$ref: '#/components/responses/A'}} # HERE\n",
     "there is no '#/components"},
    {GET "      responses: {'200': {description: d, content: {text/csv: {schema: {}}}}} # HERE\n",
     "text/csv has no schema"},
    {GET "      responses: {'200': {description: d, content: {}}} # HERE\n", "exactly one media type"},
    {GET
     "      responses: {'200': {description: d, headers: {A: {$ref: '#/components/headers/A'}}}} # HERE\n",
     "there is no '#/components/headers/A'"},
};

static const struct error_case parameter_cases[] = {
    {GET "      parameters: {} # HERE\n", "must be a list"},
    {GET "      parameters: [{name: a, in: cookie, schema: {}}] # HERE\n", "not 'cookie'"},
    {GET "      parameters: [{name: a, in: query}] # HERE\n", "'a' needs a schema"},
    {GET "      parameters: [{in: query, schema: {}}] # HERE\n", "'name' is missing"},
    {GET "      parameters: [{name: a, in: query, schema: {}, style: form}] # HERE\n", "knows no 'style'"},
    {GET "      parameters: [{name: a, in: path, schema: {}}] # HERE\n", "needs required: true"},
    {"  /a:\n    get: # HERE\n      operationId: a\n"
     "      parameters: [{name: a, in: path, required: true, schema: {}}]\n",
     "the path does not name"},
    {GET "      parameters: [{name: a, in: query, schema: {type: array}}] # HERE\n", "needs explode: false"},
    {GET "      parameters:\n        - {name: a, in: query, schema: {}}\n"
         "        - {name: a, in: query, schema: {}} # HERE\n",
     "'a' is given twice"},
    {GET "      parameters: [{$ref: '#/components/parameters/A'}] # HERE\n", "there is no '#/components"},
};

static const struct error_case body_cases[] = {
    {GET "      requestBody: {content: {application/json: {schema: {}}}} # HERE\n", "a GET takes no body"},
    {POST "      requestBody: {required: true} # HERE\n", "needs content"},
    {POST "      requestBody: {content: {text/xml: {}}} # HERE\n", "may not be text/xml"},
    {POST "      requestBody: {content: {application/json: {}}} # HERE\n", "needs a schema"},
    {POST "      requestBody: {content: {application/octet-stream: {schema: {}}}} # HERE\n", "has no schema"},
    {POST "      requestBody: {content: {application/json: {schema: {}}}} # HERE\n", "needs a type"},
    {POST "      requestBody: {content: {application/json: {schema: {type: string}}}} # HERE\n",
     "needs maxLength"},
    {POST "      requestBody: {content: {application/json: {schema: {type: object,\n"
          "        properties: {a: {type: array, maxItems: 2,\n"
          "          items: {type: string}}}}}}} # HERE\n",
     "needs maxLength"},
    {POST "      requestBody: {content: {application/json: {schema: {type: object,\n"
          "        properties: {a: {type: array, items: {type: integer}}}}}}} # HERE\n",
     "needs maxItems"},
    {POST "      requestBody: {content: {application/json: {schema: {type: array, maxItems: 1}}}} # HERE\n",
     "needs items"},
    {POST "      requestBody: {content: {application/json: {schema: {type: object,\n"
          "        properties: {a:\n"
          "          {type: object, additionalProperties: true}}}}}} # HERE\n",
     "need a schema"},
    {POST "      requestBody: {content: {application/merge-patch+json: {schema: {type: object,\n"
          "        properties: {a: {type: integer, default: 1}}}}}} # HERE\n",
     "fills in no defaults"},
};

static void a_wrong_file_stops_the_start_with_its_line(void **state)
{
    (void)state;
    assert_errors("", file_cases, ARRAY_LEN(file_cases));
}

static void a_wrong_path_stops_the_start_with_its_line(void **state)
{
    (void)state;
    assert_errors(TOP "paths:\n", path_cases, ARRAY_LEN(path_cases));
}

static void a_wrong_operation_stops_the_start_with_its_line(void **state)
{
    (void)state;
    assert_errors(TOP "paths:\n", operation_cases, ARRAY_LEN(operation_cases));
}

static void a_wrong_parameter_stops_the_start_with_its_line(void **state)
{
    (void)state;
    assert_errors(TOP "paths:\n", parameter_cases, ARRAY_LEN(parameter_cases));
}

static void a_wrong_or_unbounded_body_stops_the_start_with_its_line(void **state)
{
    (void)state;
    assert_errors(TOP "paths:\n", body_cases, ARRAY_LEN(body_cases));
}

static void more_than_twenty_four_parameters_stop_the_start(void **state)
{
    char yaml[4096] = "openapi: 3.1.0\npaths:\n" GET "      parameters:\n";
    struct contract_error error = {0};

    (void)state;
    for (int i = 0; i < 25; i++)
        snprintf(yaml + strlen(yaml), sizeof yaml - strlen(yaml),
                 "        - {name: p%d, in: query, schema: {}}\n", i);
    strcat(yaml, OPEN);
    assert_null(contract_compile(slice_of(yaml), &unit_vocabulary, &error));
    assert_int_equal(error.line, 31);
    assert_non_null(strstr(error.text, "more than 24 parameters"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_file_stops_the_start_with_its_line),
        cmocka_unit_test(a_wrong_path_stops_the_start_with_its_line),
        cmocka_unit_test(a_wrong_operation_stops_the_start_with_its_line),
        cmocka_unit_test(a_wrong_parameter_stops_the_start_with_its_line),
        cmocka_unit_test(a_wrong_or_unbounded_body_stops_the_start_with_its_line),
        cmocka_unit_test(more_than_twenty_four_parameters_stop_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

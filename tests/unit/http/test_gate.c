/* The gate, step by step and in its order: who is refused with what, and that a request with several things
 * wrong is told the first. */
#include "engine_harness.h"

static struct reply answer_ok(struct request *req)
{
    (void)req;
    return reply_bytes(req->operation->method == METHOD_POST ? 201 : 200, "application/json", SLICE("{}"));
}

static struct reply answer_page(struct request *req)
{
    (void)req;
    return reply_bytes(200, "text/html; charset=utf-8", SLICE("<p>"));
}

static struct reply answer_track(struct request *req)
{
    (void)req;
    return reply_bytes(200, "application/json", SLICE("{\"state\":\"open\"}"));
}

static struct reply answer_removed(struct request *req)
{
    (void)req;
    return reply_bytes(204, NULL, (struct slice){NULL, 0});
}

static const struct binding bindings[] = {{"listThings", answer_ok},    {"createThing", answer_ok},
                                          {"getThing", answer_ok},      {"changeThing", answer_ok},
                                          {"trackThing", answer_track}, {"removeThing", answer_removed},
                                          {"getPage", answer_page},     {"createNumbered", answer_ok},
                                          {"getNumbered", answer_ok},   {NULL, NULL}};

static int start(void **state)
{
    (void)state;
    return harness_start(bindings);
}

static void expect(const struct call_facts *facts, const char *verdict)
{
    struct call *call = call_begin(facts);
    assert_string_equal(call_verdict(call), verdict);
    call_end(call);
}

static struct rows key_row(struct cell org)
{
    return (struct rows){
        1, {"id", "org_id", "roles", "expires_at"}, {{UUID(1), org, JSON("[\"expert\"]"), NOTHING}}};
}

#define ID     "01000000-0000-0000-0000-000000000000"
#define THINGS "/v1/orgs/isfahan/things"
#define THING  THINGS "/" ID
#define TYPED  "Content-Type", "application/json"

/* --- route ------------------------------------------------------------------------------------- */

static void routes(void **state)
{
    (void)state;
    expect(&(struct call_facts){METHOD_GET, THINGS}, "200");
    expect(&(struct call_facts){METHOD_HEAD, THINGS}, "200");
    expect(&(struct call_facts){METHOD_GET, "/v1/nothing"}, "404 not_found");
    expect(&(struct call_facts){METHOD_GET, THINGS "/"}, "404 not_found");
    expect(&(struct call_facts){METHOD_GET, THINGS "/7"}, "404 not_found");
    expect(&(struct call_facts){METHOD_GET, THINGS "/%zz"}, "404 not_found");
    expect(&(struct call_facts){METHOD_GET, "/v1/orgs/tehran/things"}, "404 not_found");
    expect(&(struct call_facts){METHOD_GET, "/v1/orgs/Isfahan/things"}, "404 not_found");
    expect(&(struct call_facts){METHOD_COUNT, THINGS}, "501 method_not_implemented");
}

static void names_the_allowed_methods(void **state)
{
    (void)state;
    struct call *call = call_begin(&(struct call_facts){METHOD_PUT, THINGS});
    assert_string_equal(call_verdict(call), "405 method_not_allowed");
    assert_string_equal(answer_value(call, "Allow"), "GET, HEAD, POST, OPTIONS");
    call_end(call);

    call = call_begin(&(struct call_facts){METHOD_OPTIONS, THINGS});
    assert_string_equal(call_verdict(call), "204");
    assert_string_equal(answer_value(call, "Allow"), "GET, HEAD, POST, OPTIONS");
    assert_null(answer_value(call, "Access-Control-Allow-Methods"));
    assert_null(call->exchange.answer.content);
    call_end(call);
}

static void answers_preflights_of_listed_origins(void **state)
{
    (void)state;
    strcpy(settings.cors_origins, "https://a.example https://b.example");
    struct call_facts facts = {
        METHOD_OPTIONS, THINGS,
        .headers = {"Origin", "https://b.example", "Access-Control-Request-Method", "POST"}};
    struct call *call = call_begin(&facts);
    assert_string_equal(answer_value(call, "Access-Control-Allow-Origin"), "https://b.example");
    assert_string_equal(answer_value(call, "Access-Control-Allow-Methods"), "GET, HEAD, POST, OPTIONS");
    assert_null(answer_value(call, "Access-Control-Allow-Credentials"));
    assert_string_equal(answer_value(call, "Vary"), "Origin");
    call_end(call);

    facts.headers[1] = "https://b.example.evil";
    call = call_begin(&facts);
    assert_null(answer_value(call, "Access-Control-Allow-Origin"));
    assert_null(answer_value(call, "Access-Control-Allow-Methods"));
    call_end(call);
}

/* --- rate, who, may ---------------------------------------------------------------------------- */

static void limits_by_address(void **state)
{
    (void)state;
    struct call_facts facts = {METHOD_POST, THINGS, "{\"title\":\"a\"}", {TYPED}, .address = "\1\2\3\4"};
    for (int i = 0; i < 15; i++)
        expect(&facts, "201");
    struct call *call = call_begin(&facts);
    assert_string_equal(call_verdict(call), "429 too_many_requests");
    assert_string_equal(answer_value(call, "Retry-After"), "1");
    assert_string_equal(answer_value(call, "RateLimit"), "limit=15, remaining=0, reset=15");
    call_end(call);
    facts.address = "\1\2\3\5";
    call = call_begin(&facts);
    assert_string_equal(call_verdict(call), "201");
    assert_string_equal(answer_value(call, "RateLimit"), "limit=15, remaining=14, reset=1");
    call_end(call);
}

static void limits_refused_keys(void **state)
{
    (void)state;
    struct call_facts facts = {METHOD_GET, THINGS, .headers = {"Authorization", "Basic abc"}};
    for (int i = 0; i < 15; i++)
        expect(&facts, "401 unauthorized");
    expect(&facts, "429 too_many_requests");
    /* Not even a key that might be good is asked for any more. */
    facts.headers[1] = "Bearer mk_unseen";
    expect(&facts, "429 too_many_requests");
    assert_int_equal(fake.submitted, 0);
}

static void asks_for_a_key_once(void **state)
{
    (void)state;
    struct call_facts facts = {METHOD_GET, THINGS, .headers = {"Authorization", "Bearer mk_1"}};
    struct rows rows = key_row(UUID(7));
    struct call *call = call_begin(&facts);
    assert_false(call->exchange.is_answered);
    assert_int_equal(fake_job()->statement, SQL_KEY_FIND);
    assert_int_equal(fake_job()->params[0].bytes.len, 32);
    fake_answer(DB_OK, &rows);
    assert_string_equal(call_verdict(call), "200");
    assert_string_equal(answer_value(call, "Cache-Control"), "no-store");
    assert_string_equal(answer_value(call, "RateLimit"), "limit=1500, remaining=1499, reset=1");
    call_end(call);
    expect(&facts, "200");
    assert_int_equal(fake.submitted, 1);

    pulse_notified(engine, "mosharekat_policy", "");
    call = call_begin(&facts);
    fake_answer(DB_OK, &(struct rows){0, {"id", "org_id", "roles", "expires_at"}});
    assert_string_equal(call_verdict(call), "401 unauthorized");
    assert_string_equal(answer_value(call, "WWW-Authenticate"), "Bearer");
    call_end(call);
    expect(&facts, "401 unauthorized");
    assert_int_equal(fake.submitted, 2);
}

static void answers_when_keys_cannot_be_asked_for(void **state)
{
    (void)state;
    struct call_facts facts = {METHOD_GET, THINGS, .headers = {"Authorization", "Bearer mk_2"}};
    struct call *call = call_begin(&facts);
    fake_answer(DB_TIMEOUT, NULL);
    assert_string_equal(call_verdict(call), "503 database_timeout");
    assert_string_equal(answer_value(call, "Retry-After"), "1");
    call_end(call);
    fake.is_down = true;
    expect(&facts, "503 unavailable");
}

static void know_key(const char *key, struct cell org)
{
    struct rows rows = key_row(org);
    const char *text = key;
    struct call_facts facts = {METHOD_GET, "/v1/page", .headers = {"Authorization", text}};
    struct call *call = call_begin(&facts);
    fake_answer(DB_OK, &rows);
    assert_string_equal(call_verdict(call), "200");
    call_end(call);
}

static void checks_organisation_and_permissions(void **state)
{
    (void)state;
    know_key("Bearer here", UUID(7));
    know_key("Bearer there", UUID(8));
    know_key("Bearer everywhere", NOTHING);
    struct call_facts facts = {METHOD_DELETE, THING, .headers = {"Authorization", "Bearer here"}};
    expect(&facts, "204");
    facts.headers[1] = "Bearer there";
    expect(&facts, "403 forbidden");
    facts.headers[1] = "bearer everywhere";
    expect(&facts, "204");
    facts.target = "/v1/orgs/semnan/things/" ID; /* where nobody is an expert */
    expect(&facts, "403 forbidden");
    facts.target = "/v1/orgs/tehran/things/" ID;
    expect(&facts, "404 not_found");
    expect(&(struct call_facts){METHOD_DELETE, THING}, "401 unauthorized");
}

/* --- precondition, size, media type, syntax ---------------------------------------------------- */

static void keeps_its_order(void **state)
{
    (void)state;
    know_key("Bearer here", UUID(7));
    struct call_facts facts = {METHOD_PATCH, THING, "{\"title\":"};
    expect(&facts, "401 unauthorized");
    facts.headers[0] = "Authorization", facts.headers[1] = "Bearer here";
    expect(&facts, "428 precondition_required");
    facts.headers[2] = "If-Match", facts.headers[3] = "\"3\"";
    expect(&facts, "415 unsupported_media_type");
    facts.headers[4] = "Content-Type", facts.headers[5] = "application/merge-patch+json";
    expect(&facts, "400 malformed_json");
    facts.body = "{\"title\":\"\"}";
    expect(&facts, "422 validation_failed");
    facts.body = "{\"title\":\"a\"}";
    expect(&facts, "200");
}

static void bounds_the_body(void **state)
{
    (void)state;
    char body[256];
    memset(body, ' ', sizeof body);
    body[201] = '\0';
    struct call_facts facts = {METHOD_POST, THINGS, body, {"Content-Type", "text/plain"}};
    struct call *call = call_begin(&facts);
    assert_string_equal(call_verdict(call), "413 body_too_large");
    assert_true(call->exchange.answer.is_closing);
    call_end(call);
    facts.is_chunked = true;
    facts.headers[1] = "application/json";
    call = call_begin(&facts);
    assert_string_equal(call_verdict(call), "413 body_too_large");
    assert_true(call->exchange.answer.is_closing);
    call_end(call);
}

static void minds_media_types(void **state)
{
    (void)state;
    static const struct {
        const char *type, *verdict;
    } rows[] = {
        {"application/json", "201"},
        {"Application/JSON", "201"},
        {"application/json; charset=utf-8", "201"},
        {"application/json;charset=UTF-8", "201"},
        {"application/json ", "201"},
        {"application/json; charset=latin1", "415 unsupported_media_type"},
        {"application/jsonp", "415 unsupported_media_type"},
        {"application/jsoncharset=utf-8", "415 unsupported_media_type"},
        {"text/json", "415 unsupported_media_type"},
        {"", "415 unsupported_media_type"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(&(struct call_facts){METHOD_POST, THINGS, "{\"title\":\"a\"}", {"Content-Type", rows[i].type}},
               rows[i].verdict);
    expect(&(struct call_facts){METHOD_POST, THINGS, "{\"title\":\"a\"}"}, "415 unsupported_media_type");
    expect(&(struct call_facts){METHOD_GET, THINGS, "{}", {TYPED}}, "400 bad_request");
}

static void reads_json_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *body, *verdict;
    } rows[] = {
        {"", "400 malformed_json"},
        {"{", "400 malformed_json"},
        {"7", "400 malformed_json"},
        {"{\"title\":\"a\",\"title\":\"b\"}", "400 malformed_json"},
        {"{\"title\":\"\xff\"}", "400 malformed_json"},
        {"{\"title\":\"\\u0000\"}", "400 malformed_json"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "400 json_too_complex"},
        {"[]", "422 validation_failed"},
        {"{}", "422 validation_failed"},
        {"{\"title\":\"a\"}", "201"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(&(struct call_facts){METHOD_POST, THINGS, rows[i].body, {TYPED}, .address = "\1\1\1\1"},
               rows[i].verdict);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, harness_end)
    const struct CMUnitTest tests[] = {
        TEST(routes),
        TEST(names_the_allowed_methods),
        TEST(answers_preflights_of_listed_origins),
        TEST(limits_by_address),
        TEST(limits_refused_keys),
        TEST(asks_for_a_key_once),
        TEST(answers_when_keys_cannot_be_asked_for),
        TEST(checks_organisation_and_permissions),
        TEST(keeps_its_order),
        TEST(bounds_the_body),
        TEST(minds_media_types),
        TEST(reads_json_strictly),
    };
    log_start(LOG_ERROR_LEVEL, 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

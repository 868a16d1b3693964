/* From rows to answers: objects, entity tags, problems in rows, outcomes, and the headers around them. */
#include "engine_harness.h"

#define THINGS "/v1/orgs/isfahan/things"
#define THING  THINGS "/01000000-0000-0000-0000-000000000000"

static struct reply list(struct request *req)
{
    return listed(req, SQL_KEY_LIST, as_cursor_at(req), as_cursor_id(req), as_limit(req),
                  as_count_wanted(req));
}

static struct reply create(struct request *req)
{
    struct reply reply = created(req, SQL_KEY_REVOKE, as_uuid(request_new_id(req)), as_body(req));
    reply.members = SLICE("\"code\":\"1234\"");
    return reply;
}

static struct reply get(struct request *req)
{
    return found(req, SQL_KEY_LIST, as_uuid(request_uuid(req, "id")));
}

static struct reply after(struct request *req, const struct rows *rows)
{
    assert_int_equal(rows_count(rows), 1);
    return get(req);
}

static struct reply change(struct request *req)
{
    struct reply reply = changed(req, SQL_KEY_REVOKE, as_if_match(req), as_actor(req));
    reply.then = after;
    return reply;
}

static struct reply create_numbered(struct request *req)
{
    return created(req, SQL_KEY_REVOKE, as_uuid(request_new_id(req)));
}

static struct reply thing_removed(struct request *req)
{
    return reply_statement(req, 204, SHAPE_NOTHING, SQL_KEY_REVOKE, NULL, 0);
}

static struct reply track(struct request *req)
{
    return found(req, SQL_KEY_LIST, as_slice(request_text(req, "Tracking-Code")));
}

static struct reply page(struct request *req)
{
    (void)req;
    struct reply reply = reply_bytes(200, "text/html; charset=utf-8", SLICE("<p>"));
    reply.etag = "v1";
    reply_add_header(&reply, "Content-Security-Policy", "default-src 'none'");
    return reply;
}

static const struct binding bindings[] = {{"listThings", list},  {"createThing", create},
                                          {"getThing", get},     {"changeThing", change},
                                          {"trackThing", track}, {"removeThing", thing_removed},
                                          {"getPage", page},     {"createNumbered", create_numbered},
                                          {"getNumbered", get},  {NULL, NULL}};

static int start(void **state)
{
    (void)state;
    return harness_start(bindings);
}

static const struct call_facts getting = {METHOD_GET, THING};

/* Begins, answers the one job, returns the answered call. */
static struct call *call_with(const struct call_facts *facts, enum db_outcome outcome,
                              const struct rows *rows)
{
    struct call *call = call_begin(facts);
    assert_false(call->exchange.is_answered);
    fake_answer(outcome, rows);
    return call;
}

/* --- one row ----------------------------------------------------------------------------------- */

static void writes_a_row(void **state)
{
    (void)state;
    struct rows rows = {
        1, {"id", "title", "_etag", "parts"}, {{UUID(5), TEXT("ب"), TEXT("3-open"), JSON("[1]")}}};
    struct call *call = call_with(&getting, DB_OK, &rows);
    assert_string_equal(answer_text(call),
                        "{\"id\":\"05000000-0000-0000-0000-000000000000\",\"title\":\"ب\",\"parts\":[1]}");
    assert_string_equal(answer_value(call, "ETag"), "\"3-open\"");
    assert_string_equal(answer_value(call, "Content-Type"), "application/json; charset=utf-8");
    assert_string_equal(answer_value(call, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(answer_value(call, "Cache-Control"), "public, max-age=0, must-revalidate");
    assert_int_equal(strlen(answer_value(call, "X-Request-Id")), 24);
    assert_null(answer_value(call, "Location"));
    assert_null(answer_value(call, "RateLimit"));
    call_end(call);

    call = call_with(&getting, DB_OK, &(struct rows){0, {"id"}});
    assert_string_equal(call_verdict(call), "404 not_found");
    call_end(call);
}

static void tells_that_nothing_is_new(void **state)
{
    (void)state;
    static const struct {
        const char *tags;
        unsigned status;
    } cases[] = {{"\"3-open\"", 304},
                 {"W/\"3-open\"", 304},
                 {"*", 304},
                 {"\"1\", \"3-open\"", 304},
                 {"\"1\",W/\"3-open\"", 304},
                 {"\"3\"", 200},
                 {"3-open", 200},
                 {"\"3-open", 200},
                 {"", 200},
                 {"\"\", junk", 200},
                 {",,, \"x\"", 200}};
    struct rows rows = {1, {"id", "_etag"}, {{UUID(5), TEXT("3-open")}}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct call_facts facts = {METHOD_GET, THING, .headers = {"If-None-Match", cases[i].tags}};
        struct call *call = call_with(&facts, DB_OK, &rows);
        assert_int_equal(call->exchange.answer.status, cases[i].status);
        assert_string_equal(answer_value(call, "ETag"), "\"3-open\"");
        assert_true((call->exchange.answer.content == NULL) == (cases[i].status == 304));
        call_end(call);
    }
}

static void creates(void **state)
{
    (void)state;
    struct call_facts facts = {
        METHOD_POST, THINGS, "{\"title\":\"a\"}", {"Content-Type", "application/json"}};
    struct rows rows = {1, {"id", "_replayed"}, {{UUID(5), TRUTH(false)}}};
    struct call *call = call_with(&facts, DB_OK, &rows);
    assert_string_equal(call_verdict(call), "201");
    assert_string_equal(answer_text(call),
                        "{\"id\":\"05000000-0000-0000-0000-000000000000\",\"code\":\"1234\"}");
    assert_string_equal(answer_value(call, "Location"), THINGS "/05000000-0000-0000-0000-000000000000");
    assert_string_equal(answer_value(call, "Cache-Control"), "no-store");
    assert_null(answer_value(call, "Idempotent-Replayed"));
    call_end(call);

    rows.cells[0][1] = TRUTH(true);
    call = call_with(&facts, DB_OK, &rows);
    assert_string_equal(answer_value(call, "Idempotent-Replayed"), "true");
    call_end(call);

    /* What it created has an address, but not by id. */
    call = call_with(&(struct call_facts){METHOD_POST, "/v1/orgs/isfahan/pages"}, DB_OK, &rows);
    assert_string_equal(call_verdict(call), "201");
    assert_null(answer_value(call, "Location"));
    call_end(call);
}

static void goes_on_with_a_second_statement(void **state)
{
    (void)state;
    struct rows key = {
        1, {"id", "org_id", "roles", "expires_at"}, {{UUID(1), UUID(7), JSON("[\"expert\"]"), NOTHING}}};
    struct call_facts facts = {METHOD_PATCH,
                               THING,
                               "{\"note\":null}",
                               {"Content-Type", "application/merge-patch+json", "If-Match", "\"3-open\"",
                                "Authorization", "Bearer k"}};
    struct call *call = call_with(&facts, DB_OK, &key);
    assert_int_equal(fake_job()->statement, SQL_KEY_REVOKE);
    assert_int_equal(fake_job()->params[0].texts.count, 1);
    assert_int_equal(fake_job()->params[1].uuid.bytes[0], 1);
    fake_answer(DB_OK, &(struct rows){1, {"done", "_replayed"}, {{TRUTH(true), TRUTH(true)}}});
    assert_int_equal(call->resumed, 0);
    assert_int_equal(fake_job()->statement, SQL_KEY_LIST);
    fake_answer(DB_OK, &(struct rows){1, {"n"}, {{NUMBER(4)}}});
    assert_string_equal(answer_text(call), "{\"n\":4}");
    assert_string_equal(answer_value(call, "Idempotent-Replayed"), "true"); /* what the first one said */
    call_end(call);
}

/* --- refusals and outcomes --------------------------------------------------------------------- */

static void passes_on_a_refusal(void **state)
{
    (void)state;
    struct rows rows = {
        1, {"_problem", "_detail"}, {{TEXT("window_closed"), JSON("{\"closed_at\": \"x\"}")}}};
    struct call_facts facts = {METHOD_GET, THING, .headers = {"Accept-Language", "en"}};
    struct call *call = call_with(&facts, DB_OK, &rows);
    assert_string_equal(call_verdict(call), "409 window_closed");
    assert_non_null(strstr(answer_text(call), "\"closed_at\": \"x\""));
    assert_string_equal(answer_value(call, "Content-Type"), "application/problem+json; charset=utf-8");
    assert_string_equal(answer_value(call, "Content-Language"), "en");
    assert_string_equal(answer_value(call, "Cache-Control"), "no-store");
    call_end(call);

    rows.cells[0][0] = TEXT("no_such_problem");
    call = call_with(&facts, DB_OK, &rows);
    assert_string_equal(call_verdict(call), "500 internal_error");
    call_end(call);
}

static void tries_a_lost_race_again(void **state)
{
    (void)state;
    struct rows retry = {1, {"_problem", "n"}, {{TEXT("retry"), NUMBER(1)}}};
    struct rows done = {1, {"_problem", "n"}, {{NOTHING, NUMBER(2)}}};
    struct call *call = call_begin(&getting);
    for (int i = 0; i < 3; i++)
        fake_answer(DB_OK, &retry);
    assert_int_equal(call->resumed, 0);
    fake_answer(DB_OK, &done);
    assert_string_equal(answer_text(call), "{\"n\":2}");
    call_end(call);

    call = call_begin(&getting);
    for (int i = 0; i < 4; i++)
        fake_answer(DB_OK, &retry);
    assert_string_equal(call_verdict(call), "503 busy");
    call_end(call);
}

static void begins_anew_when_what_it_stood_on_has_changed(void **state)
{
    (void)state;
    struct rows stale = {1, {"_problem", "n"}, {{TEXT("busy"), NUMBER(1)}}};
    struct rows done = {1, {"_problem", "n"}, {{NOTHING, NUMBER(2)}}};
    struct call *call = call_begin(&getting);
    for (int i = 0; i < 10; i++)
        fake_answer(DB_OK, &stale);
    assert_int_equal(call->resumed, 0);
    fake_answer(DB_OK, &done);
    assert_string_equal(answer_text(call), "{\"n\":2}");
    call_end(call);

    call = call_begin(&getting);
    for (int i = 0; i < 11; i++)
        fake_answer(DB_OK, &stale);
    assert_string_equal(call_verdict(call), "503 busy");
    call_end(call);
}

static void turns_outcomes_into_problems(void **state)
{
    (void)state;
    static const char *const verdicts[] = {
        [DB_UNAVAILABLE] = "503 unavailable",  [DB_OVERLOADED] = "503 overloaded",
        [DB_TIMEOUT] = "503 database_timeout", [DB_LOCKED] = "503 busy",
        [DB_UNKNOWN] = "503 outcome_unknown",  [DB_FULL] = "507 storage_full",
        [DB_REFUSED] = "500 internal_error",   [DB_FAILED] = "500 internal_error"};
    for (size_t outcome = DB_UNAVAILABLE; outcome <= DB_FAILED; outcome++) {
        struct call *call = call_with(&getting, (enum db_outcome)outcome, NULL);
        assert_string_equal(call_verdict(call), verdicts[outcome]);
        bool is_503 = verdicts[outcome][2] == '3';
        assert_true((answer_value(call, "Retry-After") != NULL) == is_503);
        call_end(call);
    }
    fake.is_down = true;
    struct call *call = call_begin(&getting);
    assert_string_equal(call_verdict(call), "503 unavailable");
    assert_false(call->is_suspended);
    call_end(call);
}

#ifdef MOSHAREKAT_CHECK_REPLIES
static void notices_a_broken_contract(void **state)
{
    (void)state;
    struct call_facts facts = {METHOD_GET, "/v1/track", .headers = {"Tracking-Code", "1"}};
    struct call *call = call_with(&facts, DB_OK, &(struct rows){1, {"state"}, {{TEXT("open")}}});
    assert_string_equal(call_verdict(call), "200");
    assert_string_equal(answer_value(call, "Cache-Control"), "no-store");
    call_end(call);
    call = call_with(&facts, DB_OK, &(struct rows){1, {"state", "extra"}, {{TEXT("open"), NUMBER(1)}}});
    assert_string_equal(call_verdict(call), "500 internal_error");
    call_end(call);
}
#endif

/* --- headers ----------------------------------------------------------------------------------- */

static void knows_requests_by_id(void **state)
{
    (void)state;
    static const struct {
        const char *told;
        bool is_taken;
    } cases[] = {{"abc-1.2_Z", true},
                 {"12345678901234567890123456789012345678901234567", true},
                 {"123456789012345678901234567890123456789012345678", false},
                 {"", false},
                 {"a b", false},
                 {"a\"", false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct call *call = call_begin(
            &(struct call_facts){METHOD_GET, "/v1/page", .headers = {"X-Request-Id", cases[i].told}});
        assert_true((strcmp(answer_value(call, "X-Request-Id"), cases[i].told) == 0) == cases[i].is_taken);
        assert_string_equal(answer_value(call, "Content-Security-Policy"), "default-src 'none'");
        assert_string_equal(answer_value(call, "ETag"), "\"v1\"");
        call_end(call);
    }
    struct call *call = call_begin(&(struct call_facts){
        METHOD_GET, "/v1/page",
        .headers = {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
    assert_string_equal(call->exchange.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    call_end(call);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, harness_end)
    const struct CMUnitTest tests[] = {
        TEST(writes_a_row),
        TEST(tells_that_nothing_is_new),
        TEST(creates),
        TEST(goes_on_with_a_second_statement),
        TEST(passes_on_a_refusal),
        TEST(tries_a_lost_race_again),
        TEST(begins_anew_when_what_it_stood_on_has_changed),
        TEST(turns_outcomes_into_problems),
#ifdef MOSHAREKAT_CHECK_REPLIES
        TEST(notices_a_broken_contract),
#endif
        TEST(knows_requests_by_id),
    };
    log_start(LOG_ERROR_LEVEL, 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

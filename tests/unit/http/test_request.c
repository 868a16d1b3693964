/* What a handler sees: parameters typed and defaulted, faults gathered from everywhere, bodies as they were
 * validated, ids that repeat with their Idempotency-Key, pages and cursors. */
#include "engine_harness.h"

#include <strings.h>

#define THINGS "/v1/orgs/isfahan/things"
#define THING  THINGS "/01000000-0000-0000-0000-000000000000"

/* The handlers write what they see into `seen`. */
static char seen[2048];
static struct uuid seen_id;
static uint8_t seen_digest[32];

static void see(const char *format, ...) PRINTF_LIKE(1, 2);
static void see(const char *format, ...)
{
    va_list arguments;
    size_t len = strlen(seen);
    va_start(arguments, format);
    vsnprintf(seen + len, sizeof seen - len, format, arguments);
    va_end(arguments);
}

static void see_param(struct param param)
{
    switch (param.kind) {
    case PARAM_NULL:
        see("- ");
        break;
    case PARAM_TEXT:
        see("'%.*s' ", (int)param.bytes.len, param.bytes.data);
        break;
    case PARAM_INSTANT:
        see("@%lld ", (long long)param.number);
        break;
    case PARAM_INT:
        see("%lld ", (long long)param.number);
        break;
    case PARAM_BOOL:
        see("%s ", param.boolean ? "yes" : "no");
        break;
    case PARAM_UUID:
        see("#%d ", param.uuid.bytes[0]);
        break;
    case PARAM_DATE:
        see("%d-%d-%d ", param.date.year, param.date.month, param.date.day);
        break;
    case PARAM_TEXTS:
        for (size_t i = 0; i < param.texts.count; i++)
            see("%.*s,", (int)param.texts.items[i].len, param.texts.items[i].data);
        see(param.texts.count ? " " : "");
        break;
    default:
        see("? ");
    }
}

static struct reply list(struct request *req)
{
    static const char *const names[] = {"kind", "since", "day", "maker", "least", "flag", "words"};
    seen[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        see_param(request_param(req, names[i]));
    return listed_under(req, SQL_KEY_LIST, as_cursor_at(req), as_cursor_id(req), as_limit(req),
                        as_count_wanted(req));
}

static struct reply create(struct request *req)
{
    seen[0] = '\0';
    see("%.*s|%s|", (int)req->body_text.len, req->body_text.data, req->who ? "staff" : "public");
    see_param(as_slice(request_member(req, "note")));
    see_param(as_actor(req));
    seen_id = request_new_id(req);
    memcpy(seen_digest, as_request_digest(req).bytes.data, sizeof seen_digest);
    return reply_bytes(201, "application/json", SLICE("{}"));
}

static struct reply get(struct request *req)
{
    (void)req;
    return reply_bytes(200, "application/json", SLICE("{}"));
}

static struct reply change(struct request *req)
{
    seen[0] = '\0';
    see_param(as_if_match(req));
    see_param(as_actor(req));
    see("%d%d", request_may(req, PERMISSION_DRAFT_WRITE), request_may(req, PERMISSION_DRAFT_APPROVE));
    return get(req);
}

static struct reply track(struct request *req)
{
    seen[0] = '\0';
    see_param(as_slice(request_text(req, "Tracking-Code")));
    return reply_bytes(200, "application/json", SLICE("{\"state\":\"x\"}"));
}

static const struct binding bindings[] = {{"listThings", list},  {"createThing", create},
                                          {"getThing", get},     {"changeThing", change},
                                          {"trackThing", track}, {"removeThing", get},
                                          {"getPage", get},      {"createNumbered", get},
                                          {"getNumbered", get},  {NULL, NULL}};

static int start(void **state)
{
    (void)state;
    return harness_start(bindings);
}

/* --- parameters -------------------------------------------------------------------------------- */

static const struct rows no_rows = {1, {"_cursor_at", "_cursor_id"}, {{NOTHING, NOTHING}}};

static void types_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *query, *seen;
    } cases[] = {
        {"", "- - - - - no - "},
        {"?kind=good&flag=true&least=3", "'good' - - - 3 yes - "},
        {"?since=2026-12-01T04:30:00Z", "- @1796099400000000 - - - no - "},
        {"?since=2026-12-01T08:00:00%2B03:30", "- @1796099400000000 - - - no - "},
        {"?day=2026-12-01", "- - 2026-12-1 - - no - "},
        {"?maker=05000000-0000-0000-0000-000000000000", "- - - #5 - no - "},
        {"?words=a,b", "- - - - - no a,b, "},
        {"?words=%D8%A8+", "- - - - - no ب , "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char target[256];
        snprintf(target, sizeof target, THINGS "%s", cases[i].query);
        struct call *call = call_begin(&(struct call_facts){METHOD_GET, target});
        assert_string_equal(seen, cases[i].seen);
        fake_answer(DB_OK, &no_rows);
        call_end(call);
    }
}

/* The faults as "code@pointer in place, ..." from a 422. */
static const char *faults_of(struct call *call)
{
    static char text[1024];
    json_t *document = json_loads(answer_text(call), 0, NULL), *fault;
    size_t i;
    text[0] = '\0';
    assert_string_equal(call_verdict(call), "422 validation_failed");
    json_array_foreach (json_object_get(document, "errors"), i, fault) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s%s@%s in %s", i > 0 ? ", " : "",
                 json_string_value(json_object_get(fault, "code")),
                 json_string_value(json_object_get(fault, "pointer")),
                 json_string_value(json_object_get(fault, "in")));
    }
    json_decref(document);
    return text;
}

static void refuses_wrong_queries(void **state)
{
    (void)state;
    static const struct {
        const char *query, *faults;
    } cases[] = {
        {"kind=ugly", "not_allowed@/kind in query"},
        {"least=x", "wrong_type@/least in query"},
        {"least=0", "too_small@/least in query"},
        {"least=3.0", "wrong_type@/least in query"},
        {"flag=yes", "wrong_type@/flag in query"},
        {"since=yesterday", "wrong_format@/since in query"},
        {"since=infinity", "wrong_format@/since in query"},
        {"limit=101&limit=1", "too_large@/limit in query, duplicate_parameter@/limit in query"},
        {"a~b/c=1&Kind=good", "unknown_parameter@/a~0b~1c in query, unknown_parameter@/Kind in query"},
        {"kind=%ff", "bad_encoding@/kind in query"},
        {"%zz=1", "bad_encoding@ in query"},
        {"words=toolong,b,c,d", "too_many_items@/words in query, too_long@/words/0 in query"},
        {"words=a%00b", "bad_encoding@/words in query"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char target[256];
        snprintf(target, sizeof target, THINGS "?%s", cases[i].query);
        struct call *call = call_begin(&(struct call_facts){METHOD_GET, target});
        assert_string_equal(faults_of(call), cases[i].faults);
        call_end(call);
    }
}

static void gathers_faults_from_everywhere(void **state)
{
    (void)state;
    struct call *call = call_begin(
        &(struct call_facts){METHOD_POST,
                             THINGS "?x=1",
                             "{\"title\":\"\",\"count\":\"3\",\"extra\":0}",
                             {"Content-Type", "application/json", "Idempotency-Key", "with blank"}});
    assert_string_equal(faults_of(call),
                        "unknown_parameter@/x in query, wrong_pattern@/Idempotency-Key in header, "
                        "too_short@/title in body, wrong_type@/count in body, unknown_member@/extra in body");
    call_end(call);

    call = call_begin(&(struct call_facts){METHOD_GET, "/v1/track?x=1"});
    assert_string_equal(faults_of(call), "unknown_parameter@/x in query, required@/Tracking-Code in header");
    call_end(call);
}

static void reads_persian_from_headers(void **state)
{
    (void)state;
    static const struct {
        const char *value, *seen;
    } cases[] = {{"1234-5678", "'1234-5678' "},
                 {"%DB%B1%DB%B2", "'۱۲' "},
                 {"\u06f1\u06f2", "'۱۲' "},
                 {"a%41", "'a%41' "},
                 {"100%", "'100%' "}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        call_end(call_begin(
            &(struct call_facts){METHOD_GET, "/v1/track", .headers = {"tracking-code", cases[i].value}}));
        assert_string_equal(seen, cases[i].seen);
    }
}

/* --- bodies, ids ------------------------------------------------------------------------------- */

static void post(const char *body, const char *key, const char *address)
{
    call_end(call_begin(
        &(struct call_facts){METHOD_POST,
                             THINGS,
                             body,
                             {"Content-Type", "application/json", key ? "Idempotency-Key" : NULL, key},
                             address}));
}

static void gives_the_body_as_validated(void **state)
{
    (void)state;
    post("{ \"title\" : \"a\", \"colour\":\"red\" }", NULL, NULL);
    assert_string_equal(seen, "{ \"title\" : \"a\", \"colour\":\"red\" }|public|- - ");
    post("{ \"title\" : \"a\" }", NULL, NULL);
    assert_string_equal(seen, "{\"title\":\"a\",\"colour\":\"blue\"}|public|- - ");
    /* NFC: e and a combining acute */
    post("{\"title\":\"e\u0301\",\"note\":\"n\",\"colour\":\"red\"}", NULL, NULL);
    assert_string_equal(seen, "{\"title\":\"\u00e9\",\"note\":\"n\",\"colour\":\"red\"}|public|'n' - ");
}

static void repeats_ids_with_their_key(void **state)
{
    (void)state;
    post("{\"title\":\"a\"}", "k1", "\1\1\1\1");
    struct uuid first = seen_id;
    uint8_t digest[32];
    memcpy(digest, seen_digest, sizeof digest);

    post("{\"title\":\"a\"}", "k1", "\2\2\2\2"); /* another network, the same request */
    assert_true(uuid_equal(first, seen_id));
    assert_memory_equal(digest, seen_digest, sizeof digest);
    post("{\"title\":\"b\"}", "k1", NULL);
    assert_true(uuid_equal(first, seen_id));
    assert_memory_not_equal(digest, seen_digest, sizeof digest);
    post("{\"title\":\"a\"}", "k2", NULL);
    assert_false(uuid_equal(first, seen_id));
    post("{\"title\":\"a\"}", NULL, NULL);
    first = seen_id;
    assert_memory_equal(digest, seen_digest, sizeof digest);
    post("{\"title\":\"a\"}", NULL, NULL);
    assert_false(uuid_equal(first, seen_id));
}

static void reads_if_match(void **state)
{
    (void)state;
    static const struct {
        const char *tag, *seen;
    } cases[] = {{"\"3\"", "3, "},
                 {"\"3-open\"", "3, "},
                 {"*", "- "},
                 {"\"3x\"", ""},
                 {"W/\"3\"", ""},
                 {"\"03\"", ""},
                 {"\"99999999999\"", ""},
                 {"\"3", ""},
                 {"\"3\" ,, \"4-a\"", "3,4, "},
                 {"W/\"3\",\"a,b\",\"4\"", "4, "},
                 {"\"3\"4,\"5\"", ""}};
    struct rows key = {
        1, {"id", "org_id", "roles", "expires_at"}, {{UUID(9), UUID(7), JSON("[\"expert\"]"), NOTHING}}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct call *call =
            call_begin(&(struct call_facts){METHOD_PATCH,
                                            THING,
                                            "{}",
                                            {"Content-Type", "application/merge-patch+json", "If-Match",
                                             cases[i].tag, "Authorization", "Bearer k"}});
        if (i == 0)
            fake_answer(DB_OK, &key);
        char wanted[64];
        snprintf(wanted, sizeof wanted, "%s#9 10", cases[i].seen);
        assert_string_equal(seen, wanted);
        call_end(call);
    }
}

/* --- pages ------------------------------------------------------------------------------------- */

static struct rows page_of(unsigned count, int64_t total)
{
    struct rows rows = {count, {"n", "_cursor_at", "_cursor_id", "_total"}};
    for (unsigned i = 0; i < count; i++) {
        rows.cells[i][0] = NUMBER(i + 1);
        rows.cells[i][1] = INSTANT(1000 + i);
        rows.cells[i][2] = UUID(i + 1);
        rows.cells[i][3] = NUMBER(total);
    }
    return rows;
}

static struct call *get_page(const char *target, const char *prefer, const struct rows *rows)
{
    struct call *call =
        call_begin(&(struct call_facts){METHOD_GET, target, .headers = {prefer ? "Prefer" : NULL, prefer}});
    fake_answer(DB_OK, rows);
    return call;
}

static void pages(void **state)
{
    (void)state;
    struct rows rows = page_of(3, 40);
    struct call *call = get_page(THINGS "?kind=good&limit=2&flag=true", "count=exact", &rows);
    assert_int_equal(fake.jobs[fake.answered - 1]->params[2].number, 3);
    json_t *document = json_loads(answer_text(call), 0, NULL);
    const char *next = json_string_value(json_object_get(document, "next"));
    assert_int_equal(json_array_size(json_object_get(document, "items")), 2);
    assert_int_equal(json_integer_value(json_object_get(document, "total")), 40);
    char link[256], target[256];
    snprintf(link, sizeof link, "<" THINGS "?kind=good&limit=2&flag=true&cursor=%s>; rel=\"next\"", next);
    assert_string_equal(answer_value(call, "Link"), link);
    call_end(call);

    /* The link, with the filters in another order and spelling: the same list. */
    snprintf(target, sizeof target, THINGS "?cursor=%s&flag=true&kind=g%%6Fod&limit=5", next);
    rows = page_of(1, 0);
    call = get_page(target, NULL, &rows);
    assert_int_equal(fake.jobs[fake.answered - 1]->params[0].number, 1001);
    assert_int_equal(fake.jobs[fake.answered - 1]->params[1].uuid.bytes[0], 2);
    assert_string_equal(answer_text(call), "{\"items\":[{\"n\":1}],\"next\":null}");
    assert_null(answer_value(call, "Link"));
    call_end(call);

    static const char *const others[] = {
        THINGS "?kind=bad&flag=true&cursor=%s", THINGS "?kind=good&cursor=%s",
        "/v1/orgs/semnan/things?kind=good&flag=true&cursor=%s", THINGS "?kind=good&flag=true&cursor=x%s"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        char *at = target + (strstr(others[i], "%s") - others[i]);
        strcpy(target, others[i]);
        strcpy(at, next);
        call = call_begin(&(struct call_facts){METHOD_GET, target});
        assert_string_equal(call_verdict(call), "400 invalid_cursor");
        call_end(call);
    }
    json_decref(document);
}

static void writes_empty_pages(void **state)
{
    (void)state;
    struct call *call = get_page(THINGS, "count=exact", &no_rows);
    assert_string_equal(answer_text(call), "{\"items\":[],\"next\":null}");
    call_end(call);
    struct rows with_total = {1, {"_cursor_at", "_cursor_id", "_total"}, {{NOTHING, NOTHING, NUMBER(0)}}};
    call = get_page(THINGS, "return=minimal, count=exact", &with_total);
    assert_string_equal(answer_text(call), "{\"items\":[],\"next\":null,\"total\":0}");
    call_end(call);
    struct rows none = {0, {"n"}};
    call = get_page(THINGS, NULL, &none);
    assert_string_equal(call_verdict(call), "404 not_found");
    call_end(call);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, harness_end)
    const struct CMUnitTest tests[] = {
        TEST(types_parameters),
        TEST(refuses_wrong_queries),
        TEST(gathers_faults_from_everywhere),
        TEST(reads_persian_from_headers),
        TEST(gives_the_body_as_validated),
        TEST(repeats_ids_with_their_key),
        TEST(reads_if_match),
        TEST(pages),
        TEST(writes_empty_pages),
    };
    log_start(LOG_ERROR_LEVEL, 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

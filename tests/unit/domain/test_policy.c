/* The registry: what a well-formed document becomes, and every way in which it can be misshapen. */
#include "domain/policy.h"

#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>

#define ISFAHAN                                                                                              \
    "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"slug\":\"isfahan\","                                 \
    "\"windows\":{\"by_law\":{\"unit\":\"days\",\"length\":7},\"bill\":{\"unit\":\"months\",\"length\":1},"  \
    "\"tariff\":null},\"roles\":{\"expert\":[\"draft.read\",\"draft.write\"],\"office\":[\"draft.issue\"]}}"
#define PLAIN(slug)                                                                                          \
    "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"slug\":\"" slug "\",\"windows\":{},\"roles\":{}}"

static struct registry *parse(const char *text)
{
    json_t *document = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(document);
    struct registry *registry = registry_parse(document);
    json_decref(document);
    return registry;
}

static void an_organisation_is_found_by_its_slug(void **state)
{
    (void)state;
    struct registry *registry = parse("[" PLAIN("semnan") "," ISFAHAN "," PLAIN("isf") "]");
    assert_non_null(registry);
    assert_int_equal(registry_org_count(registry), 3);
    const struct org *org = registry_find(registry, SLICE("isfahan"));
    assert_non_null(org);
    assert_string_equal(org->slug, "isfahan");
    assert_string_equal(registry_find(registry, SLICE("isf"))->slug, "isf");
    assert_string_equal(registry_find(registry, SLICE("semnan"))->slug, "semnan");
    registry_unref(registry);
}

static void what_is_no_slug_finds_nothing(void **state)
{
    (void)state;
    struct registry *registry = parse("[" ISFAHAN "]");
    static const struct slice unknown[] = {{"", 0},         {"isfaha", 6}, {"isfahan\0", 8},
                                           {"isfahan2", 8}, {"a", 1},      {NULL, 0}};
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
        assert_null(registry_find(registry, unknown[i]));
    registry_unref(registry);
}

static void positions_are_dense(void **state)
{
    (void)state;
    struct registry *registry = parse("[" PLAIN("c") "," PLAIN("a") "," PLAIN("b") "]");
    assert_int_equal(registry_find(registry, SLICE("a"))->index, 0);
    assert_int_equal(registry_find(registry, SLICE("b"))->index, 1);
    assert_int_equal(registry_find(registry, SLICE("c"))->index, 2);
    registry_unref(registry);
}

static void windows_keep_no_promise_apart(void **state)
{
    (void)state;
    struct registry *registry = parse("[" ISFAHAN "]");
    const struct window_policy *windows = registry_find(registry, SLICE("isfahan"))->windows;
    assert_int_equal(windows[DRAFT_BY_LAW].unit, WINDOW_DAYS);
    assert_int_equal(windows[DRAFT_BY_LAW].length, 7);
    assert_int_equal(windows[DRAFT_BILL].unit, WINDOW_MONTHS);
    assert_int_equal(windows[DRAFT_BILL].length, 1);
    assert_int_equal(windows[DRAFT_TARIFF].unit, WINDOW_NO_PROMISE);   /* null */
    assert_int_equal(windows[DRAFT_CIRCULAR].unit, WINDOW_NO_PROMISE); /* not there */
    registry_unref(registry);
}

static void permissions_are_the_union_of_the_roles(void **state)
{
    (void)state;
    struct registry *registry = parse("[" ISFAHAN "]");
    const struct org *org = registry_find(registry, SLICE("isfahan"));
    const char *const roles[] = {"expert", "office", "stranger"};
    uint64_t expert = PERMISSION_BIT(PERMISSION_DRAFT_READ) | PERMISSION_BIT(PERMISSION_DRAFT_WRITE);
    assert_int_equal(org_permissions(org, roles, 0), 0);
    assert_int_equal(org_permissions(org, roles, 1), expert);
    assert_int_equal(org_permissions(org, roles, 3), expert | PERMISSION_BIT(PERMISSION_DRAFT_ISSUE));
    assert_int_equal(org_permissions(org, &roles[2], 1), 0);
    registry_unref(registry);
}

static void an_unknown_permission_grants_nothing(void **state)
{
    (void)state;
    struct registry *registry =
        parse("[{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"slug\":\"a\",\"windows\":{},"
              "\"roles\":{\"admin\":[\"draft.read\",\"world.rule\",7]}}]");
    const char *const roles[] = {"admin"};
    assert_int_equal(org_permissions(registry_find(registry, SLICE("a")), roles, 1),
                     PERMISSION_BIT(PERMISSION_DRAFT_READ));
    registry_unref(registry);
}

#define WITH(windows, roles)                                                                                 \
    "[{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"slug\":\"a\",\"windows\":" windows                  \
    ",\"roles\":" roles "}]"

static void a_misshapen_document_is_refused(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "{}",
        "[1]",
        "[{}]",
        "[{\"id\":\"not-a-uuid\",\"slug\":\"a\",\"windows\":{},\"roles\":{}}]",
        "[{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"slug\":1,\"windows\":{},\"roles\":{}}]",
        "[" PLAIN("a") "," PLAIN("a") "]",
        WITH("[]", "{}"),
        WITH("{\"by_law\":7}", "{}"),
        WITH("{\"by_law\":{\"unit\":\"weeks\",\"length\":1}}", "{}"),
        WITH("{\"by_law\":{\"unit\":\"days\",\"length\":0}}", "{}"),
        WITH("{\"by_law\":{\"unit\":\"days\",\"length\":-7}}", "{}"),
        WITH("{\"by_law\":{\"unit\":\"days\",\"length\":4294967303}}", "{}"),
        WITH("{\"by_law\":{\"unit\":\"days\",\"length\":\"7\"}}", "{}"),
        WITH("{\"decree\":{\"unit\":\"days\",\"length\":7}}", "{}"),
        WITH("{}", "[]"),
        WITH("{}", "{\"expert\":\"draft.read\"}"),
    };
    for (size_t i = 0; i < ARRAY_LEN(documents); i++)
        assert_null(parse(documents[i]));
}

static void a_registry_lives_until_its_last_reference(void **state)
{
    (void)state;
    struct registry *registry = parse("[" ISFAHAN "]");
    assert_ptr_equal(registry_ref(registry), registry);
    registry_unref(registry);
    assert_non_null(registry_find(registry, SLICE("isfahan")));
    registry_unref(registry);
    registry_unref(NULL);
}

/* What is wrong with a misshapen document goes to the log, which is not the business of these tests. */
static int silence_log(void **state)
{
    (void)state;
    log_start(LOG_ERROR_LEVEL, open("/dev/null", O_WRONLY | O_CLOEXEC));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_organisation_is_found_by_its_slug),
        cmocka_unit_test(what_is_no_slug_finds_nothing),
        cmocka_unit_test(positions_are_dense),
        cmocka_unit_test(windows_keep_no_promise_apart),
        cmocka_unit_test(permissions_are_the_union_of_the_roles),
        cmocka_unit_test(an_unknown_permission_grants_nothing),
        cmocka_unit_test(a_misshapen_document_is_refused),
        cmocka_unit_test(a_registry_lives_until_its_last_reference),
    };
    return cmocka_run_group_tests_name("policy", tests, silence_log, NULL);
}

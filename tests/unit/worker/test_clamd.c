/* What a virus scanner says, and where it may be: only the two replies that are verdicts are taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clamd.h"
#include "worker/worker.h"

#define REPLY(literal) ((struct slice){literal, sizeof(literal) - 1})

static void ok_is_clean(void **state)
{
    (void)state;
    assert_int_equal(clamd_read_reply(REPLY("stream: OK\0")), SCAN_CLEAN);
}

static void a_name_that_was_found_is_infected(void **state)
{
    (void)state;
    static const struct slice replies[] = {
        REPLY("stream: Win.Test.EICAR_HDB-1 FOUND\0"),
        REPLY("stream: x FOUND\0"),
        REPLY("stream: OK FOUND\0"),
        REPLY("stream: a name of many words FOUND\0"),
    };
    for (size_t i = 0; i < ARRAY_LEN(replies); i++)
        assert_int_equal(clamd_read_reply(replies[i]), SCAN_INFECTED);
}

static void anything_else_is_no_answer(void **state)
{
    (void)state;
    static const struct slice replies[] = {
        REPLY(""),
        REPLY("\0"),
        REPLY("stream: OK"),
        REPLY("stream: OK\n"),
        REPLY("stream: OK \0"),
        REPLY(" stream: OK\0"),
        REPLY("stream: ok\0"),
        REPLY("OK\0"),
        REPLY("stream: OK\0stream: x FOUND\0"),
        REPLY("stream: x FOUND\0stream: OK\0"),
        REPLY("stream:  FOUND\0"),
        REPLY("stream: FOUND\0"),
        REPLY(" FOUND\0"),
        REPLY("stream: x FOUND"),
        REPLY("file: x FOUND\0"),
        REPLY("stream: x FOUND \0"),
        REPLY("INSTREAM size limit exceeded. ERROR\0"),
        REPLY("UNKNOWN COMMAND\0"),
    };
    for (size_t i = 0; i < ARRAY_LEN(replies); i++)
        assert_int_equal(clamd_read_reply(replies[i]), SCAN_NO_ANSWER);
}

static void a_scanner_is_on_this_machine(void **state)
{
    (void)state;
    static const char *const good[] = {"/run/clamav/clamd.ctl", "127.0.0.1:3310", "127.1.2.3:1",
                                       "127.0.0.1:65535"};
    static const char *const wrong[] = {"",
                                        "x",
                                        "clamd.ctl",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:0",
                                        ":3310",
                                        "127.0.0.1:65536",
                                        "127.0.0.1:3310x",
                                        "10.0.0.1:3310",
                                        "0.0.0.0:3310",
                                        "localhost:3310",
                                        "[::1]:3310"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(worker_knows_scanner(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(worker_knows_scanner(wrong[i]));
}

static void a_path_has_its_bound(void **state)
{
    (void)state;
    char path[200];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    assert_false(worker_knows_scanner(path));
    path[107] = '\0';
    assert_true(worker_knows_scanner(path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ok_is_clean),
        cmocka_unit_test(a_name_that_was_found_is_infected),
        cmocka_unit_test(anything_else_is_no_answer),
        cmocka_unit_test(a_scanner_is_on_this_machine),
        cmocka_unit_test(a_path_has_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Settings: which source wins, every kind of fault with its place, and a table whose defaults are lawful. */
#include "unit.h"

#include "base/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct settings settings;
static char *errors; /* what the last load printed */

static bool load(const char *ini_path, char **environment)
{
    free(errors);
    size_t len = 0;
    FILE *out = open_memstream(&errors, &len);
    bool loaded = settings_load(&settings, ini_path, environment, out);
    fclose(out);
    return loaded;
}

static bool load_env(const char *variable)
{
    return load(NULL, (char *[]){(char *)(uintptr_t)variable, NULL});
}

/* Loads a file of `len` bytes; "INI" stands for its path in `errors`. */
static bool load_bytes(const char *text, size_t len)
{
    char path[] = "/tmp/mosharekat-settings-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, len), len);
    close(fd);
    bool loaded = load(path, NULL);
    unlink(path);
    for (char *at; (at = strstr(errors, path));) {
        memcpy(at, "INI", 3);
        memmove(at + 3, at + strlen(path), strlen(at + strlen(path)) + 1);
    }
    return loaded;
}

static bool load_ini(const char *text)
{
    return load_bytes(text, strlen(text));
}

static int tear_down(void **state)
{
    (void)state;
    free(errors);
    return 0;
}

static void the_defaults_are_within_their_own_limits(void **state)
{
    (void)state;
    assert_true(load(NULL, NULL));
    assert_string_equal(errors, "");
    assert_string_equal(settings.listen, "127.0.0.1:8080");
    assert_string_equal(settings.time_zone, "Asia/Tehran");
    assert_int_equal(settings.body_max, 256 * 1024);
    assert_int_equal(settings.cache_max, 64 * 1024 * 1024);
    assert_int_equal(settings.header_timeout_ms, 10000);
    assert_int_equal(settings.read_timeout_ms, 3000);
    assert_int_equal(settings.loops, 1);
    assert_false(settings.allow_public_bind);
    assert_true(settings.worker);
}

static void a_file_overrides_defaults_and_the_environment_the_file(void **state)
{
    (void)state;
    char path[] = "/tmp/mosharekat-settings-XXXXXX";
    int fd = mkstemp(path);
    dprintf(fd, "body_max = 64K\nloops = 2\n");
    close(fd);
    bool loaded = load(path, (char *[]){"HOME=/", "MOSHAREKAT_LOOPS=3", "MOSHAREKATX=1", NULL});
    unlink(path);
    assert_true(loaded);
    assert_int_equal(settings.body_max, 65536);
    assert_int_equal(settings.loops, 3);
}

static void a_file_may_have_comments_blanks_and_one_section(void **state)
{
    (void)state;
    assert_true(
        load_ini("# comment\n; comment\n\n  [mosharekat]  \r\n\tloops\t=\t4 \r\nworker=off\n"
                 "database_url = host=/run/postgresql dbname=a # b\npublic_url =\nlog_level = debug"));
    assert_int_equal(settings.loops, 4);
    assert_false(settings.worker);
    assert_string_equal(settings.database_url, "host=/run/postgresql dbname=a # b");
    assert_string_equal(settings.public_url, "");
    assert_string_equal(settings.log_level, "debug"); /* the last line needs no end */
}

static void every_fault_of_a_file_is_named_with_its_line(void **state)
{
    (void)state;
    assert_false(
        load_ini("loops = 2\nloops = 3\nnothing = 1\ngarbage\n[other]\nbody_max = big\nloops2=\n = 5\n"
                 "queue_max = 0\nLoops = 1\n"));
    assert_string_equal(errors, "INI:2: loops stands twice in this file\n"
                                "INI:3: nothing is not a setting\n"
                                "INI:4: is not `name = value`, a comment or [mosharekat]\n"
                                "INI:5: is not `name = value`, a comment or [mosharekat]\n"
                                "INI:6: body_max is not a number of bytes (suffix K or M)\n"
                                "INI:7: loops2 is not a setting\n"
                                "INI:8: is not a setting\n"
                                "INI:9: queue_max is not within 1 and 100000\n"
                                "INI:10: Loops is not a setting\n");
}

static void a_nul_in_a_file_hides_nothing(void **state)
{
    (void)state;
    assert_false(load_bytes("loops = 2\0 3\n", 13));
    assert_string_equal(errors, "INI:1: is not `name = value`, a comment or [mosharekat]\n");
}

static void a_file_that_cannot_be_read_is_a_fault(void **state)
{
    (void)state;
    assert_false(load("/nonexistent/mosharekat.ini", NULL));
    assert_string_equal(errors, "/nonexistent/mosharekat.ini: cannot be read\n");
    assert_false(load("/", NULL));
    assert_string_equal(errors, "/: cannot be read\n");
}

static void variables_that_are_no_setting_are_faults(void **state)
{
    (void)state;
    static const char *const refused[] = {"MOSHAREKAT_LOOP", "MOSHAREKAT_", "MOSHAREKAT_loops",
                                          "MOSHAREKAT_LOOPSX"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        char variable[64], expected[128];
        snprintf(variable, sizeof variable, "%s=1", refused[i]);
        snprintf(expected, sizeof expected, "environment: %s is not a setting\n", refused[i]);
        assert_false(load_env(variable));
        assert_string_equal(errors, expected);
    }
    assert_false(load_env("MOSHAREKAT_LOOPS"));
    assert_false(load(NULL, (char *[]){"MOSHAREKAT_A=1", "MOSHAREKAT_LOOPS=0", "MOSHAREKAT_B=1", NULL}));
    assert_string_equal(errors, "environment: MOSHAREKAT_A is not a setting\n"
                                "environment: loops is not within 1 and 64\n"
                                "environment: MOSHAREKAT_B is not a setting\n");
}

static void a_message_never_repeats_the_value(void **state)
{
    (void)state;
    assert_false(load_env("MOSHAREKAT_LOOPS=hunter2"));
    assert_null(strstr(errors, "hunter2"));
}

static void numbers_are_read_with_their_units(void **state)
{
    (void)state;
    static const struct {
        const char *variable;
        int64_t *member;
        int64_t value;
    } cases[] = {
        {"MOSHAREKAT_LOOPS=64", &settings.loops, 64},
        {"MOSHAREKAT_BODY_MAX=1024", &settings.body_max, 1024},
        {"MOSHAREKAT_BODY_MAX=16M", &settings.body_max, 16 << 20},
        {"MOSHAREKAT_BODY_RATE=0", &settings.body_rate, 0},
        {"MOSHAREKAT_CACHE_MAX=4096M", &settings.cache_max, INT64_C(4096) << 20},
        {"MOSHAREKAT_READ_TIMEOUT=50ms", &settings.read_timeout_ms, 50},
        {"MOSHAREKAT_READ_TIMEOUT=60s", &settings.read_timeout_ms, 60000},
        {"MOSHAREKAT_READ_TIMEOUT=1m", &settings.read_timeout_ms, 60000},
        {"MOSHAREKAT_DRAIN_TIMEOUT=0", &settings.drain_timeout_ms, 0},
        {"MOSHAREKAT_DRAIN_TIMEOUT=0h", &settings.drain_timeout_ms, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (!load_env(cases[i].variable))
            fail_msg("%s: %s", cases[i].variable, errors);
        assert_true(*cases[i].member == cases[i].value);
    }
}

static void values_of_another_shape_or_past_a_limit_are_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "LOOPS=",
        "LOOPS=0",
        "LOOPS=65",
        "LOOPS=-1",
        "LOOPS=1.5",
        "LOOPS=1K",
        "LOOPS= 1",
        "LOOPS=0x1",
        "LOOPS=+1",
        "LOOPS=۱",
        "BODY_MAX=K",
        "BODY_MAX=1k",
        "BODY_MAX=1G",
        "BODY_MAX=1KB",
        "BODY_MAX=17M",
        "BODY_MAX=1023",
        "BODY_MAX=99999999999999999999",
        "BODY_MAX=9223372036854775807K",
        "READ_TIMEOUT=3",
        "READ_TIMEOUT=3sec",
        "READ_TIMEOUT=49ms",
        "READ_TIMEOUT=2h",
        "WORKER=yes",
        "WORKER=1",
        "WORKER=ON",
        "WORKER=",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        char variable[96];
        snprintf(variable, sizeof variable, "MOSHAREKAT_%s", refused[i]);
        if (load_env(variable))
            fail_msg("accepted: %s", variable);
        assert_non_null(strstr(errors, "environment: "));
    }
    assert_true(load(NULL, NULL));
    assert_int_equal(settings.loops, 1);
}

static void a_text_as_long_as_its_room_is_refused_and_one_shorter_is_not(void **state)
{
    (void)state;
    char variable[600] = "MOSHAREKAT_SECRET_FILE=";
    size_t prefix = strlen(variable);
    memset(variable + prefix, 'x', SETTING_TEXT_MAX);
    assert_false(load_env(variable));
    assert_string_equal(errors, "environment: secret_file is too long\n");
    variable[prefix + SETTING_TEXT_MAX - 1] = '\0';
    assert_true(load_env(variable));
    assert_int_equal(strlen(settings.secret_file), SETTING_TEXT_MAX - 1);
}

static void help_has_a_line_for_every_setting(void **state)
{
    (void)state;
    char *help = NULL;
    size_t len = 0, rows = 0;
    FILE *out = open_memstream(&help, &len);
    settings_print_help(out);
    fclose(out);
    for (char *at = help; (at = strchr(at, '\n')); at++)
        rows++;
#define COUNT(...)       +1
#define SETTING_INT      COUNT
#define SETTING_BYTES    COUNT
#define SETTING_DURATION COUNT
#define SETTING_BOOL     COUNT
#define SETTING_TEXT     COUNT
    size_t expected = 0
#include "base/settings.def"
        ;
    assert_int_equal(rows, expected + 1);
    assert_non_null(
        strstr(help, "\nread_timeout             duration  3s               50ms..60s        a read may"));
    free(help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_within_their_own_limits),
        cmocka_unit_test(a_file_overrides_defaults_and_the_environment_the_file),
        cmocka_unit_test(a_file_may_have_comments_blanks_and_one_section),
        cmocka_unit_test(every_fault_of_a_file_is_named_with_its_line),
        cmocka_unit_test(a_nul_in_a_file_hides_nothing),
        cmocka_unit_test(a_file_that_cannot_be_read_is_a_fault),
        cmocka_unit_test(variables_that_are_no_setting_are_faults),
        cmocka_unit_test(a_message_never_repeats_the_value),
        cmocka_unit_test(numbers_are_read_with_their_units),
        cmocka_unit_test(values_of_another_shape_or_past_a_limit_are_refused),
        cmocka_unit_test(a_text_as_long_as_its_room_is_refused_and_one_shorter_is_not),
        cmocka_unit_test(help_has_a_line_for_every_setting),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}

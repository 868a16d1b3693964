/* The log as its reader sees it: whole JSON lines, on time, from many threads, whatever the values hold. */
#include "unit.h"

#include "base/clock.h"
#include "base/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int fd = -1;

static int open_log(void **state)
{
    (void)state;
    fd = memfd_create("log", MFD_CLOEXEC);
    log_start(LOG_INFO_LEVEL, fd);
    return fd < 0;
}

static int close_log(void **state)
{
    (void)state;
    log_start(LOG_INFO_LEVEL, STDERR_FILENO);
    return close(fd);
}

static char *written(void)
{
    off_t len = lseek(fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)len + 1);
    assert_int_equal(pread(fd, text, (size_t)len, 0), len);
    return text;
}

/* The log's only line, as JSON. */
static json_t *only_line(void)
{
    char *text = written();
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(line);
    free(text);
    return line;
}

static const char *member(const json_t *line, const char *name)
{
    return json_string_value(json_object_get(line, name));
}

static void a_line_has_time_level_event_and_its_fields(void **state)
{
    (void)state;
    log_warn("db.lost", log_text("sqlstate", "08006"), log_int("batch", -3), log_text("none", NULL));
    json_t *line = only_line();
    assert_string_equal(member(line, "level"), "warn");
    assert_string_equal(member(line, "event"), "db.lost");
    assert_string_equal(member(line, "sqlstate"), "08006");
    assert_int_equal(json_integer_value(json_object_get(line, "batch")), -3);
    assert_true(json_is_null(json_object_get(line, "none")));
    assert_int_equal(json_object_size(line), 6);
    json_decref(line);
}

static void time_is_the_machines_clock_even_when_the_database_moved_ours(void **state)
{
    (void)state;
    int64_t before = clock_now_us(), logged_us = 0;
    clock_adjust(before + 365 * CLOCK_DAY_US);
    log_error("start.failed", log_int("code", 1));
    clock_adjust(clock_now_us() - clock_offset_us());
    json_t *line = only_line();
    assert_true(clock_parse(slice_of(member(line, "time")), &logged_us));
    assert_in_range(logged_us - before, 0, 10 * CLOCK_SECOND_US);
    json_decref(line);
}

static void information_waits_for_the_flush_and_warnings_do_not(void **state)
{
    (void)state;
    log_info("first", log_int("n", 1));
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    log_warn("second", log_int("n", 2));
    char *text = written();
    assert_true(strstr(text, "\"first\"") < strstr(text, "\"second\""));
    free(text);
    off_t len = lseek(fd, 0, SEEK_END);
    log_info("third", log_int("n", 3));
    assert_int_equal(lseek(fd, 0, SEEK_END), len);
    log_flush();
    assert_true(lseek(fd, 0, SEEK_END) > len);
}

static void levels_below_the_least_are_left_out(void **state)
{
    (void)state;
    log_start(LOG_WARN_LEVEL, fd);
    assert_false(log_is_on(LOG_INFO_LEVEL));
    assert_true(log_is_on(LOG_WARN_LEVEL));
    log_info("quiet", log_int("n", 1));
    log_write(LOG_DEBUG_LEVEL, "quiet", NULL);
    log_flush();
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    log_write(LOG_ERROR_LEVEL, "loud", NULL);
    json_t *line = only_line();
    assert_string_equal(member(line, "event"), "loud");
    json_decref(line);
}

static void values_cannot_break_out_of_their_line(void **state)
{
    (void)state;
    log_warn("odd", log_text("a", "x\"}\n{\"level\":\"forged"), log_slice("b", (struct slice){"a\0b", 3}),
             log_slice("c", (struct slice){"\xd8\xffy\xc3", 4}), log_text("d", "متن"));
    char *text = written();
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    json_t *line = json_loads(text, JSON_ALLOW_NUL, NULL);
    free(text);
    assert_string_equal(member(line, "a"), "x\"}\n{\"level\":\"forged");
    assert_int_equal(json_string_length(json_object_get(line, "b")), 3);
    assert_string_equal(member(line, "c"), "\xef\xbf\xbd\xef\xbf\xbdy\xef\xbf\xbd");
    assert_string_equal(member(line, "d"), "متن");
    json_decref(line);
}

static void long_values_are_cut_between_characters(void **state)
{
    (void)state;
    char value[4001] = "x";
    for (size_t i = 1; i + 2 < sizeof value; i += 2)
        memcpy(value + i, "ی", 2);
    log_warn("long", log_text("value", value));
    json_t *line = only_line();
    assert_int_equal(json_string_length(json_object_get(line, "value")), 1023);
    json_decref(line);
}

static void a_line_that_would_be_too_long_stays_json(void **state)
{
    (void)state;
    static char value[1001];
    memset(value, '\1', sizeof value - 1); /* six bytes each when escaped */
    struct log_field fields[] = {log_text("a", value), log_text("b", value), log_text("c", value),
                                 log_text("d", value), log_int("e", 5),      {0}};
    log_write(LOG_WARN_LEVEL, "huge", fields);
    json_t *line = only_line();
    assert_int_equal(json_string_length(json_object_get(line, "b")), 1000);
    assert_null(json_object_get(line, "c"));
    json_decref(line);
}

static void gathered_lines_are_written_at_64_kilobytes(void **state)
{
    (void)state;
    for (int i = 0; i < 2000; i++)
        log_info("many", log_int("n", i));
    assert_in_range(lseek(fd, 0, SEEK_END), 65000, 2 * 65536);
    log_flush();
    char *text = written();
    int n = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), n++) {
        json_t *value = json_loads(line, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(value, "n")), n);
        json_decref(value);
    }
    assert_int_equal(n, 2000);
    free(text);
}

static void *log_from_thread(void *name)
{
    for (int i = 0; i < 1000; i++) {
        log_info("thread", log_text("name", name), log_int("n", i));
        if (i % 97 == 0)
            log_flush();
    }
    return NULL;
}

static void lines_of_many_threads_do_not_mix(void **state)
{
    (void)state;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, log_from_thread, (char *[]){"a", "b", "c", "d"}[i]), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    log_flush();
    char *text = written();
    int next[4] = {0};
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *value = json_loads(line, 0, NULL);
        assert_non_null(value);
        int *expected = &next[member(value, "name")[0] - 'a'];
        assert_int_equal(json_integer_value(json_object_get(value, "n")), (*expected)++);
        json_decref(value);
    }
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(next[i], 1000);
    free(text);
}

static void a_log_that_cannot_be_written_holds_up_nobody(void **state)
{
    (void)state;
    int pipe_fds[2];
    assert_int_equal(pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC), 0);
    log_start(LOG_INFO_LEVEL, pipe_fds[1]);
    int64_t before = clock_mono_ms();
    for (int i = 0; i < 3000; i++)
        log_info("full", log_int("n", i));
    log_flush();
    assert_in_range(clock_mono_ms() - before, 0, 5000);
    log_start(LOG_INFO_LEVEL, -1);
    log_error("nowhere", log_int("n", 1));
    log_start(LOG_INFO_LEVEL, fd);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, open_log, close_log)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_line_has_time_level_event_and_its_fields),
        LOG_TEST(time_is_the_machines_clock_even_when_the_database_moved_ours),
        LOG_TEST(information_waits_for_the_flush_and_warnings_do_not),
        LOG_TEST(levels_below_the_least_are_left_out),
        LOG_TEST(values_cannot_break_out_of_their_line),
        LOG_TEST(long_values_are_cut_between_characters),
        LOG_TEST(a_line_that_would_be_too_long_stays_json),
        LOG_TEST(gathered_lines_are_written_at_64_kilobytes),
        LOG_TEST(lines_of_many_threads_do_not_mix),
        LOG_TEST(a_log_that_cannot_be_written_holds_up_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

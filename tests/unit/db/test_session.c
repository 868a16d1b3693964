/* The blocking session: outcomes, deadlines, interrupts, notifications, the check of statements. */
#include "cluster.h"
#include "db/session.h"

#include "base/log.h"

#include <fcntl.h>

enum { ADD, SLEEP, MISSING, SHOW, NOTIFY, SLOW_WRITE, NUMERIC, TWINS, COUNT };

static const uint32_t one_int8[] = {20}, one_text[] = {25};
static const struct statement table[COUNT] = {
    [ADD] = {"add", "INSERT INTO entry VALUES ($1) RETURNING n", "a.sql", 1, LANE_WRITE, 1, one_int8, false},
    [SLEEP] = {"sleep", "SELECT 1 FROM pg_sleep($1 / 1000.0)", "a.sql", 2, LANE_READ, 1, one_int8, false},
    [MISSING] = {"missing", "SELECT no_such FROM entry", "a.sql", 3, LANE_READ, 0, NULL, false},
    [SHOW] = {"show", "SELECT current_setting($1) AS value", "a.sql", 4, LANE_READ, 1, one_text, false},
    [NOTIFY] = {"notify", "SELECT pg_notify($1, '')::text AS done", "a.sql", 5, LANE_WRITE, 1, one_text,
                false},
    [SLOW_WRITE] = {"slow_write", "INSERT INTO entry SELECT 50 FROM pg_sleep($1 / 1000.0)", "a.sql", 6,
                    LANE_WRITE, 1, one_int8, false},
    [NUMERIC] = {"numeric", "SELECT 1.5 AS price", "b.sql", 7, LANE_READ, 0, NULL, false},
    [TWINS] = {"twins", "SELECT 1 AS a, 2 AS a", "b.sql", 8, LANE_READ, 0, NULL, false},
};

static int interrupt_pipe[2];

static struct session *open_session(int64_t timeout_ms)
{
    char error[SESSION_ERROR_MAX];
    struct session_config config = {
        .conninfo = cluster.conninfo,
        .statements = table,
        .statement_count = COUNT,
        .timeout_ms = timeout_ms,
        .interrupt_fd = interrupt_pipe[0],
    };
    struct session *session = session_open(&config, error);
    if (!session)
        fail_msg("%s", error);
    return session;
}

static int create(void **state)
{
    (void)state;
    log_start(LOG_ERROR_LEVEL, open("/dev/null", O_WRONLY));
    assert_int_equal(pipe(interrupt_pipe), 0);
    cluster_create(CLUSTER_FLAGS);
    cluster_sql("CREATE TABLE entry (n int8 CONSTRAINT entry_positive CHECK (n > 0))");
    return 0;
}

static enum db_outcome run(struct session *session, unsigned id, struct param param)
{
    struct rows *rows = NULL;
    enum db_outcome outcome = session_run(session, id, &param, table[id].param_count, &rows);
    assert_true((outcome == DB_OK) == (rows != NULL));
    rows_free(rows);
    return outcome;
}

static void a_session_runs_statements_again_and_again(void **state)
{
    (void)state;
    struct session *session = open_session(2000);
    for (int i = 1; i <= 3; i++)
        assert_int_equal(run(session, ADD, as_int(i)), DB_OK);
    assert_int_equal(run(session, ADD, as_int(-1)), DB_REFUSED);
    assert_string_equal(session_error(session), "23514: entry_positive"); /* and nothing of the row */
    assert_int_equal(run(session, MISSING, as_null()), DB_FAILED);
    assert_non_null(strstr(session_error(session), "no_such"));
    assert_false(session_is_broken(session));
    assert_int_equal(run(session, ADD, as_int(4)), DB_OK);
    session_close(session);
}

static void a_session_is_set_up_as_the_code_relies_on(void **state)
{
    (void)state;
    static const char *const settings[][2] = {
        {"TimeZone", "UTC"},
        {"search_path", "public"},
        {"jit", "off"},
        {"client_encoding", "UTF8"},
        {"lock_timeout", "1s"},
        {"statement_timeout", "2500ms"},
        {"application_name", "mosharekat"},
        {"client_connection_check_interval", "2s"},
    };
    struct session *session = open_session(2000);
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        struct rows *rows;
        struct param name = as_text(settings[i][0]);
        assert_int_equal(session_run(session, SHOW, &name, 1, &rows), DB_OK);
        assert_true(slice_is(rows_text(rows, 0, 0), settings[i][1]));
        rows_free(rows);
    }
    session_close(session);
}

static void the_deadline_ends_a_read_and_leaves_a_write_unknown(void **state)
{
    (void)state;
    struct session *session = open_session(300);
    assert_int_equal(run(session, SLEEP, as_int(3000)), DB_TIMEOUT);
    assert_true(session_is_broken(session));
    assert_int_equal(run(session, ADD, as_int(1)), DB_UNAVAILABLE);
    session_close(session);

    session = open_session(300);
    assert_int_equal(run(session, SLOW_WRITE, as_int(3000)), DB_UNKNOWN);
    assert_true(session_is_broken(session));
    session_close(session);
}

static void an_interrupt_ends_the_wait(void **state)
{
    (void)state;
    char byte = 'x';
    struct session *session = open_session(5000);
    int64_t start_ms = clock_mono_ms();
    assert_int_equal(write(interrupt_pipe[1], &byte, 1), 1);
    assert_int_equal(run(session, SLEEP, as_int(3000)), DB_UNAVAILABLE);
    assert_false(session_wait(session, "jobs", 5000));
    assert_true(clock_mono_ms() - start_ms < 1000);
    assert_int_equal(read(interrupt_pipe[0], &byte, 1), 1);
    session_close(session);
}

static void notifications_wait_until_they_are_asked_for(void **state)
{
    (void)state;
    struct session *session = open_session(2000);
    assert_false(session_wait(session, "jobs", 20)); /* listens from now on */
    assert_false(session_wait(session, "other", 0));
    cluster_sql("NOTIFY jobs; NOTIFY other; NOTIFY jobs");
    assert_int_equal(run(session, SLEEP, as_int(1)), DB_OK);
    assert_true(session_wait(session, "other", 1000));
    assert_true(session_wait(session, "jobs", 1000));
    assert_false(session_wait(session, "jobs", 20));
    assert_int_equal(run(session, NOTIFY, as_text("jobs")), DB_OK); /* one's own, too */
    assert_true(session_wait(session, "jobs", 1000));
    session_close(session);
}

static void a_terminated_session_is_broken(void **state)
{
    (void)state;
    struct session *session = open_session(2000);
    assert_int_equal(run(session, SLEEP, as_int(1)), DB_OK);
    cluster_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mosharekat'");
    usleep(100000);
    assert_int_equal(run(session, SLEEP, as_int(1)), DB_UNAVAILABLE);
    assert_true(session_is_broken(session));
    session_close(session);
}

static void opening_fails_with_a_sentence_without_the_password(void **state)
{
    (void)state;
    char error[SESSION_ERROR_MAX], conninfo[256];
    struct session_config config = {.statements = table, .timeout_ms = 1000, .interrupt_fd = -1};

    snprintf(conninfo, sizeof conninfo, "%s dbname=nowhere password=s3cret", cluster.conninfo);
    config.conninfo = conninfo;
    assert_null(session_open(&config, error));
    assert_non_null(strstr(error, "nowhere"));
    assert_null(strstr(error, "s3cret"));

    config.conninfo = "host=/tmp password='s3cret nonsense";
    assert_null(session_open(&config, error));
    assert_null(strstr(error, "s3cret"));
    config.conninfo = "postgresql://u:s3cret@[::1";
    assert_null(session_open(&config, error));
    assert_null(strstr(error, "s3cret"));
}

static void the_check_names_every_bad_statement(void **state)
{
    (void)state;
    char *text;
    size_t len;
    struct session *session = open_session(2000);
    FILE *errors = open_memstream(&text, &len);
    assert_int_equal(session_check_statements(session, errors), 3);
    fclose(errors);
    assert_non_null(strstr(text, "a.sql:3: missing: 42703: column \"no_such\" does not exist"));
    assert_non_null(strstr(text, "b.sql:7: numeric: cast this column"));
    assert_non_null(strstr(text, "b.sql:8: twins: two columns have the name a"));
    free(text);
    session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_runs_statements_again_and_again),
        cmocka_unit_test(a_session_is_set_up_as_the_code_relies_on),
        cmocka_unit_test(the_deadline_ends_a_read_and_leaves_a_write_unknown),
        cmocka_unit_test(an_interrupt_ends_the_wait),
        cmocka_unit_test(notifications_wait_until_they_are_asked_for),
        cmocka_unit_test(a_terminated_session_is_broken),
        cmocka_unit_test(opening_fails_with_a_sentence_without_the_password),
        cmocka_unit_test(the_check_names_every_bad_statement),
    };
    return cmocka_run_group_tests_name("session", tests, create, cluster_remove);
}

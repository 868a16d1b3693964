/* What goes wrong under struct db: frozen and killed backends, a restarted and a missing server. No job
 * hangs, no job that was answered DB_OK is lost, no job that was answered otherwise than DB_UNKNOWN has left
 * a row. */
#include "fixture.h"

enum { ECHO_INT, ADD, COUNT };

static const uint32_t one_int8[] = {20};
static const struct statement table[COUNT] = {
    [ECHO_INT] = {"echo_int", "SELECT $1 AS n", "t.sql", 1, LANE_READ, 1, one_int8, false},
    [ADD] = {"add", "INSERT INTO entry (n) VALUES ($1)", "t.sql", 2, LANE_WRITE, 1, one_int8, false},
};

static struct db_config config(void)
{
    return FIXTURE_CONFIG(500, 800);
}

static int create(void **state)
{
    (void)state;
    return fixture_create("CREATE TABLE entry (n int8 PRIMARY KEY)");
}

static int empty(void **state)
{
    (void)state;
    return fixture_empty("entry");
}

static bool is_stored(PGconn *conn, int n)
{
    char sql[64];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM entry WHERE n = %d", n);
    return strcmp(on_connection(conn, sql), "1") == 0;
}

static void a_frozen_backend_is_left_at_the_deadline(void **state)
{
    (void)state;
    struct trial read, write, next;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    submit(db, &read, ECHO_INT, as_int(1));
    submit(db, &write, ADD, as_int(1));
    loop_drain(db, 5000);
    pid_t reader = cluster_backend("SELECT $1 AS n%"), writer = cluster_backend("INSERT INTO entry%");
    assert_true(reader > 0 && writer > 0);
    kill(reader, SIGSTOP);
    kill(writer, SIGSTOP);
    submit(db, &read, ECHO_INT, as_int(2));
    submit(db, &write, ADD, as_int(2));
    loop_turn(db, 10);
    submit(db, &next, ADD, as_int(3)); /* waits behind the frozen batch */
    loop_drain(db, 5000);
    assert_int_equal(read.outcome, DB_TIMEOUT);
    assert_int_equal(write.outcome, DB_UNKNOWN);
    assert_true(read.took_ms < 700 && write.took_ms < 1000);
    assert_true(next.outcome == DB_OK || next.outcome == DB_UNAVAILABLE || next.outcome == DB_TIMEOUT);
    kill(reader, SIGCONT);
    kill(writer, SIGCONT);

    loop_until_ready(db);
    submit(db, &read, ECHO_INT, as_int(4));
    submit(db, &write, ADD, as_int(4));
    loop_drain(db, 5000);
    assert_int_equal(read.outcome, DB_OK);
    assert_int_equal(write.outcome, DB_OK);
    db_close(db);
}

static void a_frozen_server_makes_jobs_fail_fast(void **state)
{
    (void)state;
    struct trial read, later;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    submit(db, &read, ECHO_INT, as_int(1));
    loop_drain(db, 5000);
    pid_t backend = cluster_backend("SELECT $1 AS n%");
    pid_t postmaster =
        (pid_t)atol(cluster_sql("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"));
    kill(postmaster, SIGSTOP);
    kill(backend, SIGKILL); /* the connection is lost, and a new one is accepted by the kernel only */
    loop_for(db, 1300);
    submit(db, &later, ECHO_INT, as_int(2));
    assert_int_equal(later.outcome, DB_UNAVAILABLE);
    assert_int_equal(later.took_ms, 0);
    assert_false(db_is_ready(db));

    kill(cluster.postmaster, SIGCONT); /* finds a backend killed and restarts all: crash recovery */
    loop_for(db, 100);
    loop_until_ready(db);
    submit(db, &read, ECHO_INT, as_int(3));
    loop_drain(db, 5000);
    assert_int_equal(read.outcome, DB_OK);
    db_close(db);
}

#define WAVES 40
#define WAVE  25

/* Backends of ours are terminated again and again while writes stream; the ledger must be the table. */
static void every_acknowledged_write_is_there(void **state)
{
    (void)state;
    static struct trial trials[WAVES * WAVE];
    unsigned acknowledged = 0, unknown = 0;
    struct db_config c = config();
    c.timeout_ms[LANE_WRITE] = 3000;
    struct db *db = loop_open(&c);
    PGconn *killer = cluster_connect();

    for (int wave = 0; wave < WAVES; wave++) {
        for (int i = wave * WAVE; i < (wave + 1) * WAVE; i++)
            submit(db, &trials[i], ADD, as_int(i));
        loop_turn(db, 1);
        if (wave % 4 == 1)
            on_connection(killer, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                  " WHERE application_name = 'mosharekat'");
        loop_turn(db, 1);
    }
    loop_drain(db, 20000);
    for (int i = 0; i < WAVES * WAVE; i++) {
        assert_true(trials[i].is_done);
        acknowledged += trials[i].outcome == DB_OK;
        unknown += trials[i].outcome == DB_UNKNOWN;
        if (trials[i].outcome != DB_UNKNOWN)
            assert_int_equal(is_stored(killer, i), trials[i].outcome == DB_OK);
    }
    assert_true(acknowledged > WAVE && db_stats(db).reconnects > 0);
    print_message("    %u acknowledged, %u unknown, %u reconnections\n", acknowledged, unknown,
                  (unsigned)db_stats(db).reconnects);
    PQfinish(killer);
    db_close(db);
}

static void a_backend_killed_in_the_middle_of_a_batch_leaves_it_unknown(void **state)
{
    (void)state;
    struct trial trials[5];
    struct db_config c = config();
    c.timeout_ms[LANE_WRITE] = 5000;
    c.lock_timeout_ms = 5000;
    struct db *db = loop_open(&c);
    PGconn *other = cluster_connect();

    submit(db, &trials[0], ADD, as_int(0));
    loop_drain(db, 5000);
    pid_t backend = cluster_backend("INSERT INTO entry%");
    on_connection(other, "BEGIN; LOCK TABLE entry IN ACCESS EXCLUSIVE MODE");
    for (int i = 0; i < 5; i++)
        submit(db, &trials[i], ADD, as_int(10 + i));
    loop_for(db, 50);
    kill(backend, SIGKILL);
    loop_drain(db, 5000);
    PQfinish(other);
    loop_until_ready(db);
    for (int i = 0; i < 5; i++)
        assert_int_equal(trials[i].outcome, DB_UNKNOWN);
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry"), "1");
    db_close(db);
}

static void a_terminated_batch_is_known_to_be_undone_and_runs_again(void **state)
{
    (void)state;
    struct trial trials[5];
    struct db_config c = config();
    c.timeout_ms[LANE_WRITE] = 5000;
    c.lock_timeout_ms = 5000;
    struct db *db = loop_open(&c);
    PGconn *other = cluster_connect();

    on_connection(other, "BEGIN; LOCK TABLE entry IN ACCESS EXCLUSIVE MODE");
    for (int i = 0; i < 5; i++)
        submit(db, &trials[i], ADD, as_int(i));
    loop_for(db, 50);
    on_connection(
        other,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'INSERT INTO entry%'");
    loop_for(db, 20);
    on_connection(other, "COMMIT");
    PQfinish(other);
    loop_drain(db, 5000);
    for (int i = 0; i < 5; i++)
        assert_int_equal(trials[i].outcome, DB_OK);
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry"), "5");
    db_close(db);
}

/* The standby that never answers: a commit that its backend gave up waiting for is done, but only here. */
static void a_commit_that_reached_no_standby_is_told_in_the_log(void **state)
{
    (void)state;
    struct trial waiting, given_up;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    assert_false(was_logged("db.not_replicated"));
    cluster_sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    cluster_sql("SELECT pg_reload_conf()");
    loop_for(db, 100);
    submit(db, &waiting, ADD, as_int(1));
    loop_for(db, 200);
    assert_false(waiting.is_done);
    cluster_sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    loop_drain(db, 2000);
    assert_int_equal(waiting.outcome, DB_OK);
    assert_true(was_logged("db.not_replicated"));

    submit(db, &given_up, ADD, as_int(2));
    loop_drain(db, 2000);
    assert_int_equal(given_up.outcome, DB_UNKNOWN);
    PGconn *other = cluster_connect();
    on_connection(other, "ALTER SYSTEM RESET synchronous_standby_names");
    on_connection(other, "SELECT pg_reload_conf()");
    assert_true(is_stored(other, 1));
    PQfinish(other);
    db_close(db);
}

static void a_restarted_server_is_found_again(void **state)
{
    (void)state;
    struct trial during, after;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    cluster_stop(SIGQUIT);
    submit(db, &during, ECHO_INT, as_int(1));
    loop_drain(db, 2000);
    assert_true(during.outcome == DB_UNAVAILABLE || during.outcome == DB_TIMEOUT);
    assert_true(during.took_ms < 700);
    loop_for(db, 1100);
    submit(db, &during, ECHO_INT, as_int(1));
    assert_int_equal(during.outcome, DB_UNAVAILABLE);
    cluster_start(CLUSTER_FLAGS);
    loop_until_ready(db);
    submit(db, &after, ECHO_INT, as_int(2));
    loop_drain(db, 2000);
    assert_int_equal(after.outcome, DB_OK);
    db_close(db);
}

static void a_server_that_never_was_there_fails_jobs_in_time(void **state)
{
    (void)state;
    struct trial trial;
    struct db_config c = config();
    c.conninfo = "host=/nonexistent user=nobody";
    struct db *db = db_open(&c, loop_fd);

    submit(db, &trial, ADD, as_int(1));
    loop_drain(db, 2000);
    assert_int_equal(trial.outcome, DB_UNAVAILABLE);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_frozen_backend_is_left_at_the_deadline, empty),
        cmocka_unit_test_setup(a_frozen_server_makes_jobs_fail_fast, empty),
        cmocka_unit_test_setup(every_acknowledged_write_is_there, empty),
        cmocka_unit_test_setup(a_backend_killed_in_the_middle_of_a_batch_leaves_it_unknown, empty),
        cmocka_unit_test_setup(a_terminated_batch_is_known_to_be_undone_and_runs_again, empty),
        cmocka_unit_test_setup(a_commit_that_reached_no_standby_is_told_in_the_log, empty),
        cmocka_unit_test_setup(a_restarted_server_is_found_again, empty),
        cmocka_unit_test(a_server_that_never_was_there_fails_jobs_in_time),
    };
    return cmocka_run_group_tests_name("faults", tests, create, cluster_remove);
}

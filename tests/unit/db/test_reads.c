/* Reads through struct db, on a real cluster: shared Sync, abort and resend, the slow lane, bounds. */
#include "loop.h"

enum { ECHO_INT, DIVIDE, SLEEP, SLOW_SLEEP, WRITES, SHAPE, BROKEN, COUNT };

static const uint32_t one_int8[] = {20}, two_int8[] = {20, 20};
static const struct statement table[COUNT] = {
    [ECHO_INT] = {"echo_int", "SELECT $1 AS n", "t.sql", 1, LANE_READ, 1, one_int8, false},
    [DIVIDE] = {"divide", "SELECT $1 / $2 AS n", "t.sql", 2, LANE_READ, 2, two_int8, false},
    [SLEEP] = {"sleep", "SELECT 1 AS n FROM pg_sleep($1 / 1000.0)", "t.sql", 3, LANE_READ, 1, one_int8,
               false},
    [SLOW_SLEEP] = {"slow_sleep", "SELECT $1 AS n FROM pg_sleep($1 / 1000.0)", "t.sql", 4, LANE_SLOW, 1,
                    one_int8, false},
    [WRITES] = {"writes", "INSERT INTO shape VALUES ($1)", "t.sql", 5, LANE_READ, 1, one_int8, false},
    [SHAPE] = {"shape", "SELECT * FROM shape", "t.sql", 6, LANE_READ, 0, NULL, false},
    [BROKEN] = {"broken", "SELECT no_such_column", "t.sql", 7, LANE_READ, 0, NULL, false},
};

static char notified[64];

static void note(void *context, const char *channel, const char *payload)
{
    (void)context;
    snprintf(notified, sizeof notified, "%s=%s", channel, payload);
}

static const char *const channels[] = {"cache", "odd \"name\"", NULL};

static struct db_config config(void)
{
    return (struct db_config){
        .conninfo = cluster.conninfo,
        .statements = table,
        .statement_count = COUNT,
        .queue_max = 100,
        .batch_max = 32,
        .timeout_ms = {2000, 2000, 3000},
        .lock_timeout_ms = 300,
        .listen = channels,
        .notified = note,
    };
}

static int create(void **state)
{
    (void)state;
    cluster_create(CLUSTER_FLAGS);
    cluster_sql("CREATE TABLE shape (n int8); INSERT INTO shape VALUES (1)");
    return 0;
}

static void reads_of_one_turn_share_a_sync(void **state)
{
    (void)state;
    struct trial trials[64];
    char expected[32];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 64; i++)
        submit(db, &trials[i], ECHO_INT, as_int(i));
    assert_int_equal(db_waiting(db), 64);
    loop_drain(db, 5000);
    for (int i = 0; i < 64; i++) {
        snprintf(expected, sizeof expected, "{\"n\":%d}", i);
        assert_int_equal(trials[i].outcome, DB_OK);
        assert_string_equal(trials[i].text, expected);
    }
    assert_int_equal(db_stats(db).batches[LANE_READ], 1);
    assert_int_equal(db_stats(db).jobs[LANE_READ], 64);
    db_close(db);
}

static void a_failed_read_costs_no_other_its_answer(void **state)
{
    (void)state;
    struct trial trials[10];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 10; i++)
        submit(db, &trials[i], DIVIDE, as_int(100), as_int(i % 5 == 3 ? 0 : 1));
    loop_drain(db, 5000);
    for (int i = 0; i < 10; i++)
        assert_int_equal(trials[i].outcome, i % 5 == 3 ? DB_REFUSED : DB_OK);
    /* One for all, then six aborted ones, each with its own. */
    assert_int_equal(db_stats(db).batches[LANE_READ], 7);
    assert_int_equal(db_stats(db).failures[LANE_READ], 2);
    db_close(db);
}

static struct trial follow_up;
static struct db *follow_up_db;

static void submit_again(struct db_job *job, enum db_outcome outcome, const struct rows *rows)
{
    trial_done(job, outcome, rows);
    submit(follow_up_db, &follow_up, ECHO_INT, as_int(8));
}

static void a_done_function_may_submit(void **state)
{
    (void)state;
    struct trial first;
    struct db_config c = config();
    struct db *db = follow_up_db = loop_open(&c);

    submit(db, &first, ECHO_INT, as_int(7));
    first.job.done = submit_again;
    loop_drain(db, 5000);
    assert_true(first.is_done && follow_up.is_done);
    assert_string_equal(follow_up.text, "{\"n\":8}");
    db_close(db);
}

static void the_slow_lane_holds_up_nobody_else(void **state)
{
    (void)state;
    struct trial slow[2], quick;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    submit(db, &slow[0], SLOW_SLEEP, as_int(200));
    submit(db, &slow[1], SLOW_SLEEP, as_int(100));
    loop_turn(db, 20);
    submit(db, &quick, ECHO_INT, as_int(1));
    loop_drain(db, 5000);
    assert_int_equal(slow[0].outcome, DB_OK);
    assert_int_equal(slow[1].outcome, DB_OK);
    assert_true(quick.order < slow[0].order && slow[0].order < slow[1].order);
    assert_true(quick.took_ms < 150);
    db_close(db);
}

static void a_full_queue_refuses_at_once(void **state)
{
    (void)state;
    static struct trial trials[120];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 120; i++)
        submit(db, &trials[i], ECHO_INT, as_int(i));
    assert_int_equal(db_waiting(db), 100);
    for (int i = 0; i < 120; i++)
        assert_int_equal(trials[i].is_done, i >= 100);
    assert_int_equal(trials[119].outcome, DB_OVERLOADED);
    loop_drain(db, 5000);
    assert_int_equal(trials[99].outcome, DB_OK);
    db_close(db);
}

static void a_late_read_times_out_and_its_neighbours_live(void **state)
{
    (void)state;
    struct trial late, behind;
    struct db_config c = config();
    c.timeout_ms[LANE_READ] = 400;
    struct db *db = loop_open(&c);

    submit(db, &late, SLEEP, as_int(5000));
    loop_for(db, 250);
    submit(db, &behind, ECHO_INT, as_int(1));
    loop_drain(db, 5000);
    assert_int_equal(late.outcome, DB_TIMEOUT);
    assert_true(late.took_ms >= 400 && late.took_ms < 700);
    assert_int_equal(behind.outcome, DB_OK); /* on the next connection */
    assert_int_equal(db_stats(db).reconnects, 1);
    db_close(db);
}

static void a_write_in_the_read_lane_is_refused_by_the_server(void **state)
{
    (void)state;
    struct trial trial;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    submit(db, &trial, WRITES, as_int(5));
    loop_drain(db, 5000);
    assert_int_equal(trial.outcome, DB_FAILED);
    assert_int_equal(db_stats(db).reconnects, 0);
    assert_string_equal(cluster_sql("SELECT count(*) FROM shape"), "1");
    db_close(db);
}

static void a_statement_that_does_not_prepare_fails_alone(void **state)
{
    (void)state;
    struct trial broken, fine;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    submit(db, &broken, BROKEN);
    submit(db, &fine, ECHO_INT, as_int(1));
    loop_drain(db, 5000);
    assert_int_equal(broken.outcome, DB_FAILED);
    assert_int_equal(fine.outcome, DB_OK);
    db_close(db);
}

static void a_table_locked_while_connecting_is_no_lasting_failure(void **state)
{
    (void)state;
    struct trial shape, fine;
    struct db_config c = config();
    PGconn *other = cluster_connect();
    on_connection(other, "BEGIN; LOCK TABLE shape IN ACCESS EXCLUSIVE MODE");
    struct db *db = loop_open(&c);

    submit(db, &shape, SHAPE);
    submit(db, &fine, ECHO_INT, as_int(1));
    loop_drain(db, 5000);
    assert_int_equal(shape.outcome, DB_LOCKED);
    assert_int_equal(fine.outcome, DB_OK);

    on_connection(other, "ROLLBACK");
    PQfinish(other);
    loop_for(db, 2200);
    loop_until_ready(db);
    submit(db, &shape, SHAPE);
    loop_drain(db, 5000);
    assert_int_equal(shape.outcome, DB_OK);
    db_close(db);
}

static void a_changed_result_type_costs_a_reconnection_only(void **state)
{
    (void)state;
    struct trial before, after, other;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    submit(db, &before, SHAPE);
    loop_drain(db, 5000);
    assert_string_equal(before.text, "{\"n\":1}");
    cluster_sql("ALTER TABLE shape ADD COLUMN word text DEFAULT 'new'");
    submit(db, &after, SHAPE);
    submit(db, &other, ECHO_INT, as_int(3));
    loop_drain(db, 5000);
    assert_string_equal(after.text, "{\"n\":1,\"word\":\"new\"}");
    assert_int_equal(other.outcome, DB_OK);
    assert_int_equal(db_stats(db).reconnects, 1);
    db_close(db);
}

static void notifications_reach_the_loop(void **state)
{
    (void)state;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    cluster_sql("SELECT pg_notify('cache', 'isfahan')");
    loop_for(db, 50);
    assert_string_equal(notified, "cache=isfahan");
    cluster_sql("SELECT pg_notify('odd \"name\"', '')");
    loop_for(db, 50);
    assert_string_equal(notified, "odd \"name\"=");
    db_close(db);
}

static void closing_answers_what_waits(void **state)
{
    (void)state;
    struct trial sent, waiting;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    submit(db, &sent, SLEEP, as_int(1000));
    loop_turn(db, 10);
    submit(db, &waiting, ECHO_INT, as_int(1));
    db_close(db);
    assert_int_equal(sent.outcome, DB_UNAVAILABLE);
    assert_int_equal(waiting.outcome, DB_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_of_one_turn_share_a_sync),
        cmocka_unit_test(a_failed_read_costs_no_other_its_answer),
        cmocka_unit_test(a_done_function_may_submit),
        cmocka_unit_test(the_slow_lane_holds_up_nobody_else),
        cmocka_unit_test(a_full_queue_refuses_at_once),
        cmocka_unit_test(a_late_read_times_out_and_its_neighbours_live),
        cmocka_unit_test(a_write_in_the_read_lane_is_refused_by_the_server),
        cmocka_unit_test(a_statement_that_does_not_prepare_fails_alone),
        cmocka_unit_test(a_table_locked_while_connecting_is_no_lasting_failure),
        cmocka_unit_test(a_changed_result_type_costs_a_reconnection_only),
        cmocka_unit_test(notifications_reach_the_loop),
        cmocka_unit_test(closing_answers_what_waits),
    };
    return cmocka_run_group_tests_name("reads", tests, create, cluster_remove);
}

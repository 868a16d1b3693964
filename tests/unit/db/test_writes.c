/* Writes through struct db, on a real cluster: who shares a commit, and what one failure costs the others. */
#include "fixture.h"

enum { ADD, ADD_DEFERRED, TOUCH, ADD_TEXT, COUNT };

static const uint32_t one_int8[] = {20}, one_text[] = {25};
static const struct statement table[COUNT] = {
    [ADD] = {"add",
             "INSERT INTO entry (n) VALUES ($1) RETURNING n, pg_current_xact_id()::text AS transaction",
             "t.sql", 1, LANE_WRITE, 1, one_int8, false},
    [ADD_DEFERRED] = {"add_deferred", "INSERT INTO late (n) VALUES ($1)", "t.sql", 2, LANE_WRITE, 1, one_int8,
                      false},
    [TOUCH] = {"touch", "UPDATE entry SET n = n WHERE n = $1", "t.sql", 3, LANE_WRITE, 1, one_int8, false},
    [ADD_TEXT] = {"add_text", "INSERT INTO word VALUES ($1) RETURNING length(word) AS n, word AS _word",
                  "t.sql", 4, LANE_WRITE, 1, one_text, false},
};

static struct db_config config(void)
{
    return FIXTURE_CONFIG(2000, 3000);
}

static int create(void **state)
{
    (void)state;
    return fixture_create(
        "CREATE TABLE entry (n int8 PRIMARY KEY CHECK (n >= 0));"
        "CREATE TABLE late (n int8); CREATE TABLE word (word text);"
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.n < 0 THEN RAISE check_violation USING CONSTRAINT = 'late_check'; END IF;"
        " RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION refuse()");
}

static int empty(void **state)
{
    (void)state;
    return fixture_empty("entry, late");
}

static void writes_that_wait_together_share_a_commit(void **state)
{
    (void)state;
    static struct trial trials[100];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 100; i++)
        submit(db, &trials[i], ADD, as_int(i));
    loop_drain(db, 5000);
    for (int i = 0; i < 100; i++)
        assert_int_equal(trials[i].outcome, DB_OK);
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry"), "100");
    assert_string_equal(cluster_sql("SELECT count(DISTINCT xmin::text) FROM entry"), "2");

    struct db_stats stats = db_stats(db);
    assert_int_equal(stats.batches[LANE_WRITE], 2);
    assert_int_equal(stats.batch_size_buckets[6], 2); /* 64 and 36: more than 32, at most 64 */
    db_close(db);
}

static void one_bad_member_costs_nobody_else(void **state)
{
    (void)state;
    struct trial trials[20];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 20; i++)
        submit(db, &trials[i], ADD, as_int(i == 7 ? -1 : i == 12 ? 3 : i));
    loop_drain(db, 5000);
    for (int i = 0; i < 20; i++)
        assert_int_equal(trials[i].outcome, i == 7 || i == 12 ? DB_REFUSED : DB_OK);
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry"), "18");
    assert_int_equal(db_stats(db).failures[LANE_WRITE], 2);
    db_close(db);
}

/* More than any socket buffer takes at once, both ways. */
static void large_bodies_go_through_in_pieces(void **state)
{
    (void)state;
    static char body[400000];
    struct trial trials[30];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    memset(body, 'x', sizeof body);
    for (int i = 0; i < 30; i++)
        submit(db, &trials[i], ADD_TEXT, as_slice((struct slice){body, sizeof body}));
    loop_drain(db, 3000);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(trials[i].outcome, DB_OK);
        assert_string_equal(trials[i].text, "{\"n\":400000}");
    }
    assert_int_equal(db_stats(db).batches[LANE_WRITE], 1);
    db_close(db);
}

static void a_single_bad_write_is_not_run_twice(void **state)
{
    (void)state;
    struct trial trial;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    submit(db, &trial, ADD, as_int(-5));
    loop_drain(db, 5000);
    assert_int_equal(trial.outcome, DB_REFUSED);
    assert_int_equal(db_stats(db).batches[LANE_WRITE], 1);
    db_close(db);
}

static void an_error_at_the_commit_rolls_back_and_costs_only_its_sender(void **state)
{
    (void)state;
    struct trial trials[10];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 10; i++)
        submit(db, &trials[i], ADD_DEFERRED, as_int(i == 4 ? -1 : i));
    loop_drain(db, 5000);
    for (int i = 0; i < 10; i++)
        assert_int_equal(trials[i].outcome, i == 4 ? DB_REFUSED : DB_OK);
    assert_string_equal(cluster_sql("SELECT count(*) FROM late"), "9");

    submit(db, &trials[0], ADD_DEFERRED, as_int(-1));
    loop_drain(db, 5000);
    assert_int_equal(trials[0].outcome, DB_REFUSED);
    submit(db, &trials[0], ADD_DEFERRED, as_int(1)); /* and the connection is fit for more */
    loop_drain(db, 5000);
    assert_int_equal(trials[0].outcome, DB_OK);
    assert_int_equal(db_stats(db).reconnects, 0);
    db_close(db);
}

static void a_locked_row_costs_only_the_one_who_wants_it(void **state)
{
    (void)state;
    struct trial trials[6];
    struct db_config c = config();
    struct db *db = loop_open(&c);
    PGconn *other = cluster_connect();

    cluster_sql("INSERT INTO entry VALUES (1000)");
    on_connection(other, "BEGIN; UPDATE entry SET n = n");
    for (int i = 0; i < 6; i++)
        submit(db, &trials[i], i == 2 ? TOUCH : ADD, as_int(i == 2 ? 1000 : i));
    loop_drain(db, 5000);
    for (int i = 0; i < 6; i++)
        assert_int_equal(trials[i].outcome, i == 2 ? DB_LOCKED : DB_OK);
    assert_true(trials[5].took_ms < 600); /* one lock_timeout, not two */
    PQfinish(other);
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry"), "6");
    db_close(db);
}

static void a_write_whose_time_is_over_before_it_is_sent_does_nothing(void **state)
{
    (void)state;
    struct trial blocked, queued;
    struct db_config c = config();
    c.timeout_ms[LANE_WRITE] = 400;
    c.lock_timeout_ms = 5000;
    struct db *db = loop_open(&c);
    PGconn *other = cluster_connect();

    cluster_sql("INSERT INTO entry VALUES (1000)");
    on_connection(other, "BEGIN; UPDATE entry SET n = n");
    submit(db, &blocked, TOUCH, as_int(1000));
    loop_for(db, 20);
    submit(db, &queued, ADD, as_int(1));
    loop_for(db, 390); /* its sender's deadline: the connection is closed, the queued one goes on */
    assert_int_equal(blocked.outcome, DB_UNKNOWN);
    on_connection(other, "ROLLBACK");
    PQfinish(other);
    loop_drain(db, 3000);
    assert_true(queued.outcome == DB_OK || queued.outcome == DB_UNAVAILABLE || queued.outcome == DB_TIMEOUT);
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry WHERE n = 1"),
                        queued.outcome == DB_OK ? "1" : "0");
    db_close(db);
}

static void two_loops_in_deadlock_both_go_on(void **state)
{
    (void)state;
    struct trial trials[4];
    struct db_config c = config();
    struct db *first = loop_open(&c), *second = loop_open(&c);

    cluster_sql("INSERT INTO entry VALUES (1), (2)");
    submit(first, &trials[0], TOUCH, as_int(1));
    submit(first, &trials[1], TOUCH, as_int(2));
    submit(second, &trials[2], TOUCH, as_int(2));
    submit(second, &trials[3], TOUCH, as_int(1));
    for (int i = 0; i < 100 && db_waiting(first) + db_waiting(second) > 0; i++) {
        loop_turn(first, 10);
        loop_turn(second, 10);
    }
    for (int i = 0; i < 4; i++)
        assert_true(trials[i].outcome == DB_OK || trials[i].outcome == DB_LOCKED);
    db_close(first);
    db_close(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(writes_that_wait_together_share_a_commit, empty),
        cmocka_unit_test_setup(one_bad_member_costs_nobody_else, empty),
        cmocka_unit_test_setup(large_bodies_go_through_in_pieces, empty),
        cmocka_unit_test_setup(a_single_bad_write_is_not_run_twice, empty),
        cmocka_unit_test_setup(an_error_at_the_commit_rolls_back_and_costs_only_its_sender, empty),
        cmocka_unit_test_setup(a_locked_row_costs_only_the_one_who_wants_it, empty),
        cmocka_unit_test_setup(a_write_whose_time_is_over_before_it_is_sent_does_nothing, empty),
        cmocka_unit_test_setup(two_loops_in_deadlock_both_go_on, empty),
    };
    return cmocka_run_group_tests_name("writes", tests, create, cluster_remove);
}

/* Statements of many rows: the members of a batch share one execution, each sees its own row, and what one of
 * them does wrong costs the others nothing. */
#include "fixture.h"

#include "db/session.h"

enum { FILE_ENTRY, ADD, ECHO_ALL, MISCOUNT, TOUCH, SLOW_FILE, COUNT };

#define FILE_SQL                                                                                             \
    "WITH m AS (SELECT * FROM unnest($1, $2) WITH ORDINALITY AS m(id, n, k)),"                               \
    " made AS (INSERT INTO entry (id, n) SELECT id, n FROM m ON CONFLICT (id) DO NOTHING RETURNING id)"      \
    " SELECT m.n, made.id IS NOT NULL AS is_new, count(*) OVER () AS members"                                \
    " FROM m LEFT JOIN made USING (id) ORDER BY m.k"

static const uint32_t one_int8[] = {20}, one_key[] = {2951}, key_int4[] = {2951, 1007},
                      all[] = {2951, 1000, 1001, 1016, 1007, 1009, 199, 1182, 1185, 3807};
static const struct statement table[COUNT] = {
    [FILE_ENTRY] = {"file_entry", FILE_SQL, "t.sql", 1, LANE_WRITE, 2, key_int4, true},
    [ADD] = {"add", "INSERT INTO late (n) VALUES ($1) RETURNING n", "t.sql", 2, LANE_WRITE, 1, one_int8,
             false},
    [ECHO_ALL] = {"echo_all",
                  "SELECT a, b, c::text, d, e, f, g, h, i, j"
                  " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) WITH ORDINALITY"
                  " AS m(id, a, c, b, d, e, f, g, h, i, j) ORDER BY j",
                  "t.sql", 3, LANE_WRITE, 10, all, true},
    [MISCOUNT] = {"miscount", "INSERT INTO entry SELECT m, 1 FROM unnest($1) m LIMIT 1 RETURNING n", "t.sql",
                  4, LANE_WRITE, 1, one_key, true},
    [TOUCH] = {"touch", "UPDATE entry SET n = n WHERE id = ANY ($1) RETURNING n", "t.sql", 5, LANE_WRITE, 1,
               one_key, true},
    [SLOW_FILE] = {"slow_file",
                   "WITH made AS (INSERT INTO entry SELECT * FROM unnest($1, $2)),"
                   " slept AS (SELECT pg_sleep(0.3))"
                   " SELECT k FROM slept, unnest($1) WITH ORDINALITY AS m(id, k) ORDER BY k",
                   "t.sql", 6, LANE_WRITE, 2, key_int4, true},
};

static struct db_config config(void)
{
    return FIXTURE_CONFIG(2000, 3000);
}

static int create(void **state)
{
    (void)state;
    return fixture_create(
        "CREATE TABLE entry (id uuid PRIMARY KEY, n int8 CHECK (n >= 0)); CREATE TABLE late (n int8)");
}

static int empty(void **state)
{
    (void)state;
    return fixture_empty("entry, late");
}

static struct param key(int n)
{
    struct uuid id = {{0}};
    memcpy(id.bytes, &n, sizeof n);
    return as_uuid(id);
}

static void assert_row(const struct trial *trial, int n, bool is_new, int members)
{
    char wanted[80];
    snprintf(wanted, sizeof wanted, "{\"n\":%d,\"is_new\":%s,\"members\":%d}", n, is_new ? "true" : "false",
             members);
    assert_int_equal(trial->outcome, DB_OK);
    assert_string_equal(trial->text, wanted);
}

static void members_that_wait_together_share_an_execution(void **state)
{
    (void)state;
    static struct trial trials[100];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 100; i++)
        submit(db, &trials[i], FILE_ENTRY, key(i), as_int(i));
    loop_drain(db, 5000);
    for (int i = 0; i < 100; i++)
        assert_row(&trials[i], i, true, i < 64 ? 64 : 36);
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry"), "100");
    assert_string_equal(cluster_sql("SELECT count(DISTINCT xmin::text) FROM entry"), "2");
    assert_int_equal(db_stats(db).batches[LANE_WRITE], 2);
    assert_int_equal(db_stats(db).batch_size_buckets[6], 2);
    db_close(db);
}

static void an_execution_has_no_more_members_than_there_is_room_for(void **state)
{
    (void)state;
    static struct trial trials[300];
    struct db_config c = config();
    c.batch_max = 200;
    struct db *db = loop_open(&c);

    for (int i = 0; i < 300; i++)
        submit(db, &trials[i], FILE_ENTRY, key(i), as_int(i));
    loop_drain(db, 5000);
    for (int i = 0; i < 300; i++)
        assert_row(&trials[i], i, true, i < 128 ? 128 : i < 200 ? 72 : 100);
    assert_int_equal(db_stats(db).batches[LANE_WRITE], 2);
    db_close(db);
}

static void one_bad_member_costs_nobody_else(void **state)
{
    (void)state;
    struct trial trials[50];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 50; i++)
        submit(db, &trials[i], FILE_ENTRY, key(i), as_int(i == 7 ? -1 : i));
    loop_drain(db, 5000);
    for (int i = 0; i < 50; i++)
        if (i == 7)
            assert_int_equal(trials[i].outcome, DB_REFUSED);
        else
            assert_row(&trials[i], i, true, 1); /* they have run again, alone */
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry"), "49");
    assert_int_equal(db_stats(db).failures[LANE_WRITE], 1);
    db_close(db);
}

static void a_value_that_cannot_be_encoded_costs_nobody_else(void **state)
{
    (void)state;
    struct trial trials[20];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 20; i++)
        submit(db, &trials[i], FILE_ENTRY, key(i), as_int(i == 3 ? INT64_C(1) << 40 : i));
    loop_drain(db, 5000);
    for (int i = 0; i < 20; i++)
        assert_int_equal(trials[i].outcome, i == 3 ? DB_REFUSED : DB_OK);
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry"), "19");
    assert_int_equal(db_stats(db).batches[LANE_WRITE], 1);
    db_close(db);
}

static void equal_keys_run_one_after_the_other_in_one_batch(void **state)
{
    (void)state;
    struct trial trials[12];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 12; i++)
        submit(db, &trials[i], FILE_ENTRY, key(i % 4), as_int(i));
    loop_drain(db, 5000);
    for (int i = 0; i < 12; i++)
        assert_row(&trials[i], i, i < 4, 4);
    assert_string_equal(cluster_sql("SELECT sum(n) FROM entry"), "6"); /* 0, 1, 2, 3 */
    assert_int_equal(db_stats(db).batches[LANE_WRITE], 1);
    db_close(db);
}

static void members_between_other_writes_share_an_execution(void **state)
{
    (void)state;
    struct trial trials[20];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 20; i++)
        if (i % 2 == 0)
            submit(db, &trials[i], ADD, as_int(i));
        else
            submit(db, &trials[i], FILE_ENTRY, key(i), as_int(i));
    loop_drain(db, 5000);
    for (int i = 1; i < 20; i += 2)
        assert_row(&trials[i], i, true, 10);
    assert_string_equal(trials[18].text, "{\"n\":18}");
    assert_int_equal(db_stats(db).batches[LANE_WRITE], 1);

    for (int i = 0; i < 20; i++) /* and so they fail together, but only one is to blame */
        if (i % 2 == 0)
            submit(db, &trials[i], ADD, as_int(i));
        else
            submit(db, &trials[i], FILE_ENTRY, key(100 + i), as_int(i == 5 ? -1 : i));
    loop_drain(db, 5000);
    for (int i = 0; i < 20; i++)
        assert_int_equal(trials[i].outcome, i == 5 ? DB_REFUSED : DB_OK);
    assert_string_equal(cluster_sql("SELECT (SELECT count(*) FROM late) + (SELECT count(*) FROM entry)"),
                        "39");
    db_close(db);
}

static void another_number_of_rows_than_of_members_leaves_them_unknown(void **state)
{
    (void)state;
    struct trial trials[3], next;
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 3; i++)
        submit(db, &trials[i], MISCOUNT, key(i));
    submit(db, &next, ADD, as_int(1));
    loop_drain(db, 5000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(trials[i].outcome, DB_UNKNOWN);
    assert_int_equal(next.outcome, DB_OK);
    assert_true(was_logged("db.rows_miscounted"));
    submit(db, &trials[0], MISCOUNT, key(9)); /* one row for one member */
    loop_drain(db, 5000);
    assert_int_equal(trials[0].outcome, DB_OK);
    assert_string_equal(trials[0].text, "{\"n\":1}");
    db_close(db);
}

static void a_locked_row_costs_those_who_wait_with_it_one_time_out(void **state)
{
    (void)state;
    struct trial trials[3], other;
    struct db_config c = config();
    struct db *db = loop_open(&c);
    PGconn *holder = cluster_connect();

    cluster_sql("INSERT INTO entry SELECT '01000000-0000-0000-0000-000000000000', 1");
    on_connection(holder, "BEGIN; UPDATE entry SET n = n");
    for (int i = 0; i < 3; i++)
        submit(db, &trials[i], TOUCH, key(i));
    submit(db, &other, ADD, as_int(1));
    loop_drain(db, 5000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(trials[i].outcome, DB_LOCKED);
    assert_int_equal(other.outcome, DB_OK);
    assert_true(other.took_ms < 600);
    PQfinish(holder);
    db_close(db);
}

static void members_whose_backend_was_killed_run_again(void **state)
{
    (void)state;
    struct trial trials[3];
    struct db_config c = config();
    struct db *db = loop_open(&c);

    for (int i = 0; i < 3; i++)
        submit(db, &trials[i], SLOW_FILE, key(i), as_int(i));
    loop_for(db, 100);
    cluster_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%slept%'"
                " AND pid <> pg_backend_pid()");
    loop_drain(db, 3000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(trials[i].outcome, DB_OK);
    assert_string_equal(cluster_sql("SELECT count(*) FROM entry"), "3");
    db_close(db);
}

static void every_type_goes_as_an_array_and_may_be_null(void **state)
{
    (void)state;
    struct trial trials[3];
    struct db_config c = config();
    struct db *db = loop_open(&c);
    struct param n = as_null();

    for (int i = 0; i < 3; i++)
        if (i == 1)
            submit(db, &trials[i], ECHO_ALL, key(i), n, n, n, n, n, n, n, n, n);
        else
            submit(db, &trials[i], ECHO_ALL, key(i), as_bool(i == 0), as_bytes("\0\xff", 2),
                   as_int(INT64_C(1) << 40), as_int(-7), as_text(i == 0 ? "سلام" : ""),
                   as_json(SLICE("[1, 2]")), as_date((struct date){2026, 11, 21}), as_instant(1500000),
                   as_json(SLICE("{\"b\": 2}")));
    loop_drain(db, 5000);
    assert_string_equal(
        trials[0].text,
        "{\"a\":true,\"b\":1099511627776,\"c\":\"\\\\x00ff\",\"d\":-7,\"e\":\"سلام\",\"f\":[1, 2],"
        "\"g\":\"2026-11-21\",\"h\":\"1970-01-01T00:00:01.500000Z\",\"i\":{\"b\": 2},\"j\":1}");
    assert_string_equal(trials[1].text, "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null,\"f\":null,"
                                        "\"g\":null,\"h\":null,\"i\":null,\"j\":2}");
    assert_non_null(strstr(trials[2].text, "{\"a\":false"));
    assert_non_null(strstr(trials[2].text, "\"e\":\"\""));
    assert_int_equal(db_stats(db).batches[LANE_WRITE], 1);
    db_close(db);
}

static void a_session_runs_it_with_one_member(void **state)
{
    (void)state;
    char error[SESSION_ERROR_MAX];
    struct rows *rows;
    struct param params[] = {key(1), as_int(5)};
    struct session_config c = {cluster.conninfo, table, COUNT, 2000, -1, 0};
    struct session *session = session_open(&c, error);

    assert_int_equal(session_run(session, FILE_ENTRY, params, 2, &rows), DB_OK);
    assert_int_equal(rows_count(rows), 1);
    assert_int_equal(rows_int(rows, 0, rows_column(rows, "n")), 5);
    rows_free(rows);
    assert_int_equal(session_check_statements(session, stderr), 0);
    session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(members_that_wait_together_share_an_execution, empty),
        cmocka_unit_test_setup(an_execution_has_no_more_members_than_there_is_room_for, empty),
        cmocka_unit_test_setup(one_bad_member_costs_nobody_else, empty),
        cmocka_unit_test_setup(a_value_that_cannot_be_encoded_costs_nobody_else, empty),
        cmocka_unit_test_setup(equal_keys_run_one_after_the_other_in_one_batch, empty),
        cmocka_unit_test_setup(members_between_other_writes_share_an_execution, empty),
        cmocka_unit_test_setup(another_number_of_rows_than_of_members_leaves_them_unknown, empty),
        cmocka_unit_test_setup(a_locked_row_costs_those_who_wait_with_it_one_time_out, empty),
        cmocka_unit_test_setup(members_whose_backend_was_killed_run_again, empty),
        cmocka_unit_test_setup(every_type_goes_as_an_array_and_may_be_null, empty),
        cmocka_unit_test_setup(a_session_runs_it_with_one_member, empty),
    };
    return cmocka_run_group_tests_name("many", tests, create, cluster_remove);
}

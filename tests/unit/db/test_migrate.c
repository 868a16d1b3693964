/* Migrations on real databases: applied once, refused when edited, all or nothing, any number of migrators.
 */
#include "cluster.h"
#include "db/migrate.h"

/* Durable, because migrate_check() looks at it. */
#define DURABLE_FLAGS "-c listen_addresses='' -c max_connections=40 -c shared_buffers=16MB"

#define FILE_OF(path, sql)                                                                                   \
    {                                                                                                        \
        path, sql, sql + sizeof(sql) - 1                                                                     \
    }

static const struct embedded_file files[] = {
    FILE_OF("api/pages/docs.html", "<html>"),
    FILE_OF("migrations/0001_first.sql", "CREATE TABLE first (n int);\nINSERT INTO first VALUES (1);"),
    FILE_OF("migrations/0002_second.sql", "CREATE TABLE second (n int);\nSELECT pg_sleep(0.2);"),
    FILE_OF("migrations/0003_third.sql", "ALTER TABLE second ADD COLUMN word text;"),
    FILE_OF("openapi.yaml", "openapi: 3.1.0"),
};
#define FILE_COUNT ARRAY_LEN(files)

static const struct embedded_file edited[] = {
    FILE_OF("migrations/0001_first.sql", "CREATE TABLE first (n int8);"),
};
static const struct embedded_file failing[] = {
    FILE_OF("migrations/0001_first.sql", "CREATE TABLE first (n int);"),
    FILE_OF("migrations/0002_bad.sql", "CREATE TABLE half (n int);\n-- متن\nSELECT no_such\n;"),
};

static char conninfo[160], report[4096];

static int create(void **state)
{
    (void)state;
    cluster_create(DURABLE_FLAGS);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    cluster_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    strcpy(conninfo, cluster.conninfo);
    return 0;
}

static const char *sql_here(const char *sql)
{
    PGconn *conn = PQconnectdb(conninfo);
    const char *value = on_connection(conn, sql);
    PQfinish(conn);
    return value;
}

static enum migrate_result migrate(const struct embedded_file *list, size_t count)
{
    FILE *out = fmemopen(report, sizeof report, "w");
    enum migrate_result result = migrate_run(conninfo, list, count, out, out);
    fclose(out);
    return result;
}

static enum migrate_result check(const struct embedded_file *list, size_t count)
{
    FILE *out = fmemopen(report, sizeof report, "w");
    enum migrate_result result = migrate_check(conninfo, list, count, out);
    fclose(out);
    return result;
}

static void all_migrations_are_applied_once(void **state)
{
    (void)state;
    assert_int_equal(check(files, FILE_COUNT), MIGRATE_BEHIND);
    assert_string_equal(sql_here("SELECT to_regclass('schema_migration')::text"),
                        ""); /* checking changes nothing */
    assert_int_equal(migrate(files, FILE_COUNT), MIGRATE_CURRENT);
    assert_string_equal(report, "applied migrations/0001_first.sql\napplied migrations/0002_second.sql\n"
                                "applied migrations/0003_third.sql\nthe database is at version 3\n");
    assert_int_equal(check(files, FILE_COUNT), MIGRATE_CURRENT);
    assert_int_equal(migrate(files, FILE_COUNT), MIGRATE_CURRENT);
    assert_string_equal(report, "the database is at version 3\n");
    assert_string_equal(sql_here("SELECT count(*) FROM first"), "1");
    assert_string_equal(
        sql_here("SELECT string_agg(version || ' ' || name || ' ' || length(sha256), ',' ORDER BY"
                 " version) FROM schema_migration WHERE version < 3"),
        "1 migrations/0001_first.sql 32,2 migrations/0002_second.sql 32");
    assert_string_equal(
        sql_here("SELECT count(*) FROM pg_attribute WHERE attrelid = 'schema_migration'::regclass"
                 " AND attnum > 0 AND col_description(attrelid, attnum) IS NULL"),
        "0");
}

static void a_later_binary_goes_on_from_there(void **state)
{
    (void)state;
    assert_int_equal(migrate(files, 3), MIGRATE_CURRENT);
    assert_int_equal(check(files, FILE_COUNT), MIGRATE_BEHIND);
    assert_non_null(strstr(report, "at version 2 of 3"));
    assert_int_equal(migrate(files, FILE_COUNT), MIGRATE_CURRENT);
    assert_int_equal(check(files, 3), MIGRATE_AHEAD);
    assert_int_equal(migrate(files, 3), MIGRATE_AHEAD);
}

static void an_edited_migration_is_refused(void **state)
{
    (void)state;
    assert_int_equal(migrate(files, 2), MIGRATE_CURRENT);
    assert_int_equal(migrate(edited, 1), MIGRATE_EDITED);
    assert_non_null(strstr(report, "migrations/0001_first.sql was edited"));
    assert_int_equal(check(edited, 1), MIGRATE_EDITED);
}

static void a_failing_migration_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(migrate(failing, 2), MIGRATE_FAILED);
    assert_non_null(strstr(report, "migrations/0002_bad.sql:3: "));
    assert_string_equal(sql_here("SELECT to_regclass('half')::text"), "");
    assert_string_equal(sql_here("SELECT max(version) FROM schema_migration"), "1");
}

static void a_migration_that_commits_by_itself_is_refused(void **state)
{
    (void)state;
    static const struct embedded_file committing[] = {FILE_OF("migrations/0001_x.sql", "COMMIT;")};
    assert_int_equal(migrate(committing, 1), MIGRATE_FAILED);
    assert_non_null(strstr(report, "ended the transaction"));
}

static void numbers_have_no_holes(void **state)
{
    (void)state;
    static const struct embedded_file holes[] = {FILE_OF("migrations/0001_a.sql", "SELECT 1;"),
                                                 FILE_OF("migrations/0003_c.sql", "SELECT 1;")};
    static const struct embedded_file unnumbered[] = {FILE_OF("migrations/1_a.sql", "SELECT 1;")};
    assert_int_equal(migrate(holes, 2), MIGRATE_FAILED);
    assert_non_null(strstr(report, "0002"));
    assert_int_equal(migrate(unnumbered, 1), MIGRATE_FAILED);
}

static void several_migrators_at_once_come_to_the_same_end(void **state)
{
    (void)state;
    pid_t pids[4];
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit((int)migrate_run(conninfo, files, FILE_COUNT, NULL, stderr));
    }
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_string_equal(sql_here("SELECT count(*) FROM first"), "1");
    assert_int_equal(check(files, FILE_COUNT), MIGRATE_CURRENT);
}

static void a_killed_migrator_leaves_whole_steps(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit((int)migrate_run(conninfo, files, FILE_COUNT, NULL, stderr));
    usleep(100000); /* the second migration sleeps for 200 ms */
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_int_equal(migrate(files, FILE_COUNT), MIGRATE_CURRENT);
    assert_string_equal(sql_here("SELECT count(*) FROM first"), "1");
}

static void a_wrong_locale_or_encoding_is_refused(void **state)
{
    (void)state;
    static const char *const options[] = {
        "LOCALE 'C' ENCODING 'UTF8'",
        "LOCALE 'C' ENCODING 'LATIN1'",
        "LOCALE_PROVIDER icu ICU_LOCALE 'fa' LOCALE 'C.UTF-8'",
    };
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "CREATE DATABASE wrong_%zu TEMPLATE template0 %s", i, options[i]);
        cluster_sql(sql);
        snprintf(conninfo, sizeof conninfo, "%s dbname=wrong_%zu", cluster.conninfo, i);
        assert_int_equal(check(files, FILE_COUNT), MIGRATE_FAILED);
        assert_non_null(strstr(report, "C.UTF-8"));
        assert_int_equal(migrate(files, FILE_COUNT), MIGRATE_FAILED);
    }
}

static void a_database_that_forgets_is_refused(void **state)
{
    (void)state;
    assert_int_equal(migrate(files, FILE_COUNT), MIGRATE_CURRENT);
    snprintf(conninfo + strlen(conninfo), sizeof conninfo - strlen(conninfo),
             " options='-c synchronous_commit=off'");
    assert_int_equal(check(files, FILE_COUNT), MIGRATE_FAILED);
    assert_non_null(strstr(report, "synchronous_commit is off"));
}

static void a_missing_server_is_told_in_a_line(void **state)
{
    (void)state;
    snprintf(conninfo, sizeof conninfo, "host=/nonexistent");
    assert_int_equal(check(files, FILE_COUNT), MIGRATE_FAILED);
    assert_non_null(strstr(report, "no connection: "));
    assert_ptr_equal(strchr(report, '\n'), report + strlen(report) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_migrations_are_applied_once, fresh),
        cmocka_unit_test_setup(a_later_binary_goes_on_from_there, fresh),
        cmocka_unit_test_setup(an_edited_migration_is_refused, fresh),
        cmocka_unit_test_setup(a_failing_migration_leaves_nothing, fresh),
        cmocka_unit_test_setup(a_migration_that_commits_by_itself_is_refused, fresh),
        cmocka_unit_test_setup(numbers_have_no_holes, fresh),
        cmocka_unit_test_setup(several_migrators_at_once_come_to_the_same_end, fresh),
        cmocka_unit_test_setup(a_killed_migrator_leaves_whole_steps, fresh),
        cmocka_unit_test(a_wrong_locale_or_encoding_is_refused),
        cmocka_unit_test_setup(a_database_that_forgets_is_refused, fresh),
        cmocka_unit_test(a_missing_server_is_told_in_a_line),
    };
    return cmocka_run_group_tests_name("migrate", tests, create, cluster_remove);
}

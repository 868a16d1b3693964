/* cmake/statements.awk: what it makes of .sql files, and what it refuses with file and line. And the table of
 * SQLSTATEs, which needs no server either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sqlstate.h"

static char folder[32], text[8192];

static int create(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/mosharekat-sql-XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int destroy(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

static const char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[len] = '\0';
    if (file)
        fclose(file);
    return text;
}

/* Runs the generator over t.sql with this content (NULL: over no file); true if it succeeded. */
static bool generate(const char *sql)
{
    unlink("statements.h");
    unlink("statements.c");
    if (sql) {
        FILE *file = fopen("t.sql", "w");
        fputs(sql, file);
        fclose(file);
    }
    char command[256];
    snprintf(
        command, sizeof command,
        "awk -v header=statements.h -v source=statements.c -f %s/cmake/statements.awk %s 2>errors </dev/zero",
        SOURCE_DIR, sql ? "t.sql" : "");
    return system(command) == 0;
}

static bool compiles(void)
{
    return system("cc -std=gnu11 -Wall -Wextra -Werror -I" SOURCE_DIR
                  "/include -I. -c -o t.o statements.c") == 0;
}

static void statements_become_a_sorted_table(void **state)
{
    (void)state;
    assert_true(generate("-- What this file is for.\n\n-- name: zeta_get\n-- lane: slow\n"
                         "-- $1 org uuid (not $3)  $2 words text[] what is looked for\n-- $3 at timestamptz\n"
                         "SELECT '$7 \\d', $1, \"a$8\", -- $9\n  /* $10\n $11 */ $2, $3 -- متن \"؟\"\n;\n"
                         "-- name: alpha\n-- lane: write\n\nDELETE FROM x;\n"));
    read_file("statements.h");
    assert_non_null(strstr(text, "    SQL_ALPHA,\n    SQL_ZETA_GET,\n    SQL_COUNT\n"));
    read_file("statements.c");
    assert_non_null(strstr(text, "types_zeta_get[] = {2950, 1009, 1184};"));
    assert_non_null(strstr(text, "\"t.sql\", 3, LANE_SLOW, 3, types_zeta_get, false}"));
    assert_non_null(strstr(text, "\"t.sql\", 11, LANE_WRITE, 0, NULL, false}"));
    assert_non_null(strstr(text, "\"SELECT '$7 \\\\d', $1, \\\"a$8\\\", -- $9\\n\""));
    assert_true(compiles());
}

static void a_statement_of_many_rows_takes_arrays(void **state)
{
    (void)state;
    assert_true(generate("-- name: file_all\n-- lane: write\n-- rows: many\n"
                         "-- $1 id uuid  $2 on date  $3 body jsonb\nSELECT $1, $2, $3;\n"
                         "-- name: file_one\n-- lane: write\n-- $1 id uuid\nSELECT $1;\n"));
    read_file("statements.c");
    assert_non_null(strstr(text, "types_file_all[] = {2951, 1182, 3807};"));
    assert_non_null(strstr(text, "LANE_WRITE, 3, types_file_all, true}"));
    assert_non_null(strstr(text, "LANE_WRITE, 1, types_file_one, false}"));
    assert_true(compiles());
}

static void no_file_makes_an_empty_table(void **state)
{
    (void)state;
    assert_true(generate(NULL));
    assert_non_null(strstr(read_file("statements.h"), "SQL_COUNT"));
    assert_true(compiles());
}

static void every_mistake_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *error;
    } cases[] = {
        {"SELECT 1;\n", "t.sql:1: SQL outside a statement"},
        {"-- lane: read\n", "t.sql:1: a lane outside a statement"},
        {"-- $1 a text\n", "t.sql:1: a parameter outside a statement"},
        {"-- name: a\nSELECT 1;\n", "t.sql:1: a has no lane"},
        {"-- name: a\n-- lane: fast\nSELECT 1;\n", "t.sql:2: no such lane: fast"},
        {"-- name: A-b\n-- lane: read\nSELECT 1;\n", "t.sql:1: a name is made of"},
        {"\n-- name: a\n-- lane: read\n", "t.sql:2: a has no SQL"},
        {"-- name: a\n-- lane: read\nSELECT 1;\n-- name: a\n-- lane: read\nSELECT 2;\n",
         "t.sql:4: a is already the name of t.sql:1"},
        {"-- name: a\n-- lane: read\n-- $1 b int\nSELECT $1;\n", "t.sql:3: $1 b: no such type: \"int\""},
        {"-- name: a\n-- lane: read\n-- $1 b\nSELECT $1;\n", "t.sql:3: $1 b: no such type: \"\""},
        {"-- name: a\n-- lane: read\n-- $1 b text  $3 c text\nSELECT $1, $3;\n",
         "t.sql:1: a does not declare $2"},
        {"-- name: a\n-- lane: read\n-- $1 b text  $1 c text\nSELECT $1;\n", "t.sql:3: $1 is declared twice"},
        {"-- name: a\n-- lane: read\n-- $1 b text\nSELECT '$1';\n",
         "t.sql:1: a declares $1 and does not use it"},
        {"-- name: a\n-- lane: read\nSELECT $1;\n", "t.sql:1: a uses $1 and does not declare it"},
        {"-- rows: many\n", "t.sql:1: a number of rows outside a statement"},
        {"-- name: a\n-- lane: write\n-- rows: 2\n-- $1 b uuid\nSELECT $1;\n",
         "t.sql:3: rows can only be many: 2"},
        {"-- name: a\n-- lane: read\n-- rows: many\n-- $1 b uuid\nSELECT $1;\n",
         "t.sql:1: a is of many rows and no write"},
        {"-- name: a\n-- lane: write\n-- rows: many\n-- $1 b text\nSELECT $1;\n",
         "t.sql:1: a is of many rows: $1, its key, must be a uuid"},
        {"-- name: a\n-- lane: write\n-- rows: many\n-- $1 b uuid  $2 c text[]\nSELECT $1, $2;\n",
         "t.sql:1: a is of many rows: $2 cannot be of type text[]"},
        {"-- name: a\n-- lane: read\n-- $1 b text $2 c text\nSELECT $1, $2;\n",
         "t.sql:1: a uses $2 and does not declare it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_false(generate(cases[i].sql));
        read_file("errors");
        if (strncmp(text, cases[i].error, strlen(cases[i].error)) != 0)
            fail_msg("wanted %s, got %s", cases[i].error, text);
        assert_int_equal(access("statements.c", F_OK), -1);
    }
}

static void every_sqlstate_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        const char *sqlstate;
        enum db_outcome outcome;
    } cases[] = {
        {NULL, DB_UNAVAILABLE},    {"08006", DB_UNAVAILABLE}, {"57P01", DB_UNAVAILABLE},
        {"57P03", DB_UNAVAILABLE}, {"53300", DB_UNAVAILABLE}, {"25006", DB_UNAVAILABLE},
        {"53100", DB_FULL},        {"53200", DB_FULL},        {"55P03", DB_LOCKED},
        {"40P01", DB_LOCKED},      {"40001", DB_LOCKED},      {"57014", DB_TIMEOUT},
        {"22021", DB_REFUSED},     {"23505", DB_REFUSED},     {"42P01", DB_FAILED},
        {"XX000", DB_FAILED},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(sqlstate_outcome(cases[i].sqlstate), cases[i].outcome);
    assert_string_equal(db_outcome_name(DB_OK), "ok");
    assert_string_equal(db_outcome_name(DB_FAILED), "failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_become_a_sorted_table),
        cmocka_unit_test(a_statement_of_many_rows_takes_arrays),
        cmocka_unit_test(no_file_makes_an_empty_table),
        cmocka_unit_test(every_mistake_is_told_with_its_line),
        cmocka_unit_test(every_sqlstate_has_its_outcome),
    };
    return cmocka_run_group_tests_name("statements", tests, create, destroy);
}

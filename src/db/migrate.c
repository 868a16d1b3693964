/* Applying migrations. Each is one transaction: lock, look what is applied, run the next file, record it,
 * commit. Looking again under each lock makes any number of migrators at once come to the same end.
 *
 * There is no way back: a mistake is mended by the next migration. */
#include "migration.h"

#include "memory.h"

/* 0x6d6f7368 is "mosh"; the lock is held to the end of the transaction. Only then may waiting for a table be
 * cut short: a migration that queues for one holds up everybody who comes after it. */
static const char begin_sql[] =
    "BEGIN; SET LOCAL search_path = public; SET LOCAL timezone = 'UTC';"
    " SELECT pg_advisory_xact_lock(x'6d6f7368'::int); SET LOCAL lock_timeout = '10s'";

static const char create_sql[] =
    "CREATE TABLE IF NOT EXISTS public.schema_migration ("
    " version int PRIMARY KEY, name text NOT NULL, sha256 bytea NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now());"
    "COMMENT ON TABLE public.schema_migration IS 'Migrations that this database has been through';"
    "COMMENT ON COLUMN public.schema_migration.version IS 'Number of the migration, from 1 without holes';"
    "COMMENT ON COLUMN public.schema_migration.name IS 'Its file';"
    "COMMENT ON COLUMN public.schema_migration.sha256 IS 'SHA-256 of the file as it was applied';"
    "COMMENT ON COLUMN public.schema_migration.applied_at IS 'When it was applied'";

static bool run(PGconn *conn, const char *sql, const char *what, FILE *errors)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    bool is_fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!is_fine)
        fprintf(errors, "%s: %s", what, PQresultErrorMessage(result));
    PQclear(result);
    return is_fine;
}

/* The line of a file at a position that PostgreSQL counts in characters, from 1. */
static unsigned line_at(const char *sql, const char *position)
{
    unsigned line = 1;
    for (long left = position ? strtol(position, NULL, 10) : 1; *sql && left > 1; sql++) {
        if (((unsigned char)sql[1] & 0xc0) != 0x80)
            left--;
        line += *sql == '\n';
    }
    return line;
}

static bool run_file(PGconn *conn, const struct migration *migration, FILE *errors)
{
    char *sql = strndup(migration->sql.data, migration->sql.len);
    if (!sql)
        abort();
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    bool is_fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!is_fine)
        fprintf(errors, "%s:%u: %s", migration->path,
                line_at(sql, PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION)),
                PQresultErrorMessage(result));
    else if (PQtransactionStatus(conn) != PQTRANS_INTRANS) {
        fprintf(errors, "%s: ended the transaction that it runs in\n", migration->path);
        is_fine = false;
    }
    PQclear(result);
    free(sql);
    return is_fine;
}

static bool record(PGconn *conn, const struct migration *migration, size_t version, FILE *errors)
{
    char number[24];
    const char *values[] = {number, migration->path, (const char *)migration->sha256};
    int lengths[] = {0, 0, DIGEST_LEN}, formats[] = {0, 0, 1};

    snprintf(number, sizeof number, "%zu", version);
    PGresult *result = PQexecParams(conn, "INSERT INTO public.schema_migration VALUES ($1, $2, $3)", 3, NULL,
                                    values, lengths, formats, 0);
    bool is_fine = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!is_fine)
        fprintf(errors, "%s: recording it: %s", migration->path, PQresultErrorMessage(result));
    PQclear(result);
    return is_fine;
}

/* Within the transaction: MIGRATE_BEHIND when a migration was applied and there may be more. */
static enum migrate_result apply_next(PGconn *conn, const struct migration_list *list, FILE *errors,
                                      size_t *ret_version)
{
    size_t applied;

    if (!run(conn, begin_sql, "waiting for the lock", errors) ||
        !run(conn, create_sql, "creating schema_migration", errors))
        return MIGRATE_FAILED;
    enum migrate_result state = migration_compare(conn, list, errors, &applied);
    if (state != MIGRATE_BEHIND)
        return state;
    if (!run_file(conn, &list->items[applied], errors) ||
        !record(conn, &list->items[applied], applied + 1, errors))
        return MIGRATE_FAILED;
    *ret_version = applied + 1;
    return MIGRATE_BEHIND;
}

static enum migrate_result apply_all(PGconn *conn, const struct migration_list *list, FILE *out, FILE *errors)
{
    enum migrate_result state = MIGRATE_BEHIND;
    size_t version = 0;

    while (state == MIGRATE_BEHIND) {
        state = apply_next(conn, list, errors, &version);
        if (state != MIGRATE_BEHIND && state != MIGRATE_CURRENT)
            return state; /* closing the connection rolls back */
        if (!run(conn, "COMMIT", "commit", errors))
            return MIGRATE_FAILED;
        if (out && state == MIGRATE_BEHIND)
            fprintf(out, "applied %s\n", list->items[version - 1].path);
    }
    if (out)
        fprintf(out, "the database is at version %zu\n", list->count);
    return MIGRATE_CURRENT;
}

enum migrate_result migrate_run(const char *conninfo, const struct embedded_file *files, size_t count,
                                FILE *out, FILE *errors)
{
    struct migration_list list;
    enum migrate_result state = MIGRATE_FAILED;

    if (migration_list_load(&list, files, count, errors)) {
        PGconn *conn = migration_connect(conninfo, errors);
        if (conn && migration_check_locale(conn, errors))
            state = apply_all(conn, &list, out, errors);
        PQfinish(conn);
    }
    migration_list_done(&list);
    return state;
}

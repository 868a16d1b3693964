/* Reading: the list of migrations in the binary, and what the database says it has applied. */
#include "migration.h"

#include "connection.h"
#include "memory.h"

#define FOLDER "migrations/"

static bool is_migration(const struct embedded_file *file)
{
    size_t len = strlen(file->path);
    return strncmp(file->path, FOLDER, strlen(FOLDER)) == 0 && len > 4 &&
           strcmp(file->path + len - 4, ".sql") == 0;
}

/* NNNN_name.sql; 0 when it is none. */
static unsigned long version_of(const char *path)
{
    char *end;
    unsigned long version = strtoul(path + strlen(FOLDER), &end, 10);
    return *end == '_' && end == path + strlen(FOLDER) + 4 ? version : 0;
}

bool migration_list_load(struct migration_list *list, const struct embedded_file *files, size_t count,
                         FILE *errors)
{
    *list = (struct migration_list){.items = memory_new_array(count, sizeof *list->items)};
    for (size_t i = 0; i < count; i++) {
        if (!is_migration(&files[i]))
            continue;
        struct migration *migration = &list->items[list->count];
        *migration = (struct migration){.path = files[i].path, .sql = embedded_slice(&files[i])};
        crypto_sha256(migration->sql, migration->sha256);
        list->count++;
        if (version_of(migration->path) != list->count) {
            fprintf(errors, "%s: the next migration must be called %s%04zu_....sql\n", migration->path,
                    FOLDER, list->count);
            return false;
        }
    }
    return true;
}

void migration_list_done(struct migration_list *list)
{
    free(list->items);
    *list = (struct migration_list){0};
}

/* --- the database ------------------------------------------------------------------------------- */

PGconn *migration_connect(const char *conninfo, FILE *errors)
{
    PGconn *conn = connection_wait(conninfo);
    if (PQstatus(conn) == CONNECTION_OK)
        return conn;
    struct slice error = connection_error(conn);
    fprintf(errors, "no connection: %.*s\n", (int)error.len, error.data);
    PQfinish(conn);
    return NULL;
}

PGresult *migration_query(PGconn *conn, const char *sql, const char *what, FILE *errors)
{
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        return result;
    fprintf(errors, "%s: %s", what, PQresultErrorMessage(result));
    PQclear(result);
    return NULL;
}

static bool has_table(PGconn *conn, FILE *errors, bool *ret)
{
    PGresult *result = migration_query(conn, "SELECT to_regclass('public.schema_migration') IS NOT NULL",
                                       "looking for schema_migration", errors);
    if (!result)
        return false;
    *ret = PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return true;
}

/* One applied migration against ours: row n must be version n + 1, with the same text. */
static enum migrate_result compare_row(const PGresult *result, int row, const struct migration_list *list,
                                       FILE *errors)
{
    long version = strtol(PQgetvalue(result, row, 0), NULL, 10);
    char hex[2 * DIGEST_LEN + 1];

    if (row >= (int)list->count) {
        fprintf(errors, "the database is at version %d, this binary knows %zu: it is too old\n",
                PQntuples(result), list->count);
        return MIGRATE_AHEAD;
    }
    if (version != row + 1) {
        fprintf(errors, "the database has version %ld applied, but not version %d\n", version, row + 1);
        return MIGRATE_FAILED;
    }
    const struct migration *ours = &list->items[row];
    for (size_t i = 0; i < DIGEST_LEN; i++)
        snprintf(hex + 2 * i, 3, "%02x", ours->sha256[i]);
    if (strcmp(hex, PQgetvalue(result, row, 1)) == 0)
        return MIGRATE_CURRENT;
    fprintf(errors, "%s was edited after it had been applied; write a new migration instead\n", ours->path);
    return MIGRATE_EDITED;
}

enum migrate_result migration_compare(PGconn *conn, const struct migration_list *list, FILE *errors,
                                      size_t *ret_applied)
{
    bool is_there;
    if (!has_table(conn, errors, &is_there))
        return MIGRATE_FAILED;
    if (!is_there) {
        *ret_applied = 0;
        return list->count > 0 ? MIGRATE_BEHIND : MIGRATE_CURRENT;
    }

    PGresult *result = migration_query(
        conn, "SELECT version, encode(sha256, 'hex') FROM public.schema_migration ORDER BY version",
        "reading schema_migration", errors);
    if (!result)
        return MIGRATE_FAILED;
    int rows = PQntuples(result);
    enum migrate_result verdict = MIGRATE_CURRENT;
    for (int row = 0; row < rows && verdict == MIGRATE_CURRENT; row++)
        verdict = compare_row(result, row, list, errors);
    PQclear(result);
    if (verdict != MIGRATE_CURRENT)
        return verdict;
    *ret_applied = (size_t)rows;
    return (size_t)rows < list->count ? MIGRATE_BEHIND : MIGRATE_CURRENT;
}

/* May this binary serve on this database? Locale, durability, version: asked once, at the start.
 *
 * Changes nothing. */
#include "migration.h"

#include <strings.h>

/* Under "C", pg_trgm finds nothing in Persian; under a language's locale, indexes depend on the libc's
 * version. */
static bool is_locale_right(const char *name)
{
    return strcasecmp(name, "C.UTF-8") == 0 || strcasecmp(name, "C.utf8") == 0;
}

bool migration_check_locale(PGconn *conn, FILE *errors)
{
    PGresult *result = migration_query(conn,
                                       "SELECT pg_encoding_to_char(encoding), datcollate, datctype,"
                                       " datlocprovider FROM pg_database WHERE datname = current_database()",
                                       "reading the locale", errors);
    if (!result)
        return false;
    const char *encoding = PQgetvalue(result, 0, 0);
    const char *collate = PQgetvalue(result, 0, 1), *ctype = PQgetvalue(result, 0, 2);
    bool is_libc = PQgetvalue(result, 0, 3)[0] == 'c';
    bool is_right =
        strcmp(encoding, "UTF8") == 0 && is_libc && is_locale_right(collate) && is_locale_right(ctype);
    if (!is_right)
        fprintf(errors,
                "the database has encoding %s, LC_COLLATE %s, LC_CTYPE %s%s; it must be made with"
                " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'\n",
                encoding, collate, ctype, is_libc ? "" : " of ICU");
    PQclear(result);
    return is_right;
}

bool migration_check_durability(PGconn *conn, FILE *errors)
{
    PGresult *result =
        migration_query(conn,
                        "SELECT name FROM pg_settings WHERE setting = 'off'"
                        " AND name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name",
                        "reading the settings", errors);
    if (!result)
        return false;
    int off = PQntuples(result);
    for (int i = 0; i < off; i++)
        fprintf(errors, "%s is off: a crash would lose what citizens were told is received\n",
                PQgetvalue(result, i, 0));
    PQclear(result);
    return off == 0;
}

enum migrate_result migrate_check(const char *conninfo, const struct embedded_file *files, size_t count,
                                  FILE *errors)
{
    struct migration_list list;
    size_t applied = 0;
    enum migrate_result state = MIGRATE_FAILED;

    if (migration_list_load(&list, files, count, errors)) {
        PGconn *conn = migration_connect(conninfo, errors);
        bool is_right = conn && migration_check_locale(conn, errors);
        if (is_right && migration_check_durability(conn, errors))
            state = migration_compare(conn, &list, errors, &applied);
        PQfinish(conn);
    }
    if (state == MIGRATE_BEHIND)
        fprintf(errors, "the database is at version %zu of %zu: run `mosharekat migrate`\n", applied,
                list.count);
    migration_list_done(&list);
    return state;
}

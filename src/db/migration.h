/* The migrations that the binary carries, in order, and the state of a database against them. */
#ifndef DB_MIGRATION_H
#define DB_MIGRATION_H

#include "base/crypto.h"
#include "db/migrate.h"

#include <libpq-fe.h>

struct migration {
    const char *path; /* "migrations/0001_house.sql" */
    struct slice sql;
    uint8_t sha256[DIGEST_LEN];
};

struct migration_list {
    struct migration *items; /* version n is items[n - 1] */
    size_t count;
};

/* False when names are not numbered 0001, 0002, ... without a hole; told on `errors`. */
MUST_USE bool migration_list_load(struct migration_list *list, const struct embedded_file *files,
                                  size_t count, FILE *errors);
void migration_list_done(struct migration_list *list);

/* How many of the list are applied, when all that is applied agrees with it (MIGRATE_CURRENT or
 * MIGRATE_BEHIND). */
MUST_USE enum migrate_result migration_compare(PGconn *conn, const struct migration_list *list, FILE *errors,
                                               size_t *ret_applied);

/* False, told on `errors`, unless the database is UTF8 and its locale C.UTF-8. */
MUST_USE bool migration_check_locale(PGconn *conn, FILE *errors);
MUST_USE bool migration_check_durability(PGconn *conn, FILE *errors);

/* Connects; NULL on failure, told on `errors`. */
MUST_USE PGconn *migration_connect(const char *conninfo, FILE *errors);
/* NULL unless the statement gave rows; then the caller's (PQclear). `what` is said in front of the error. */
MUST_USE PGresult *migration_query(PGconn *conn, const char *sql, const char *what, FILE *errors);

#endif

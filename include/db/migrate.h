/* Migrations: the embedded migrations/NNNN_name.sql, forward only, one transaction each under an advisory
 * lock, SHA-256 recorded in schema_migration; an edited old one is refused. */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "base/embedded.h"
#include "base/macros.h"

#include <stdio.h>

enum migrate_result {
    MIGRATE_CURRENT = 0, /* the database is at the newest version */
    MIGRATE_BEHIND,      /* only from migrate_check: run `mosharekat migrate` */
    MIGRATE_AHEAD,       /* the database is newer than this binary */
    MIGRATE_EDITED,      /* an applied migration differs from the binary's */
    MIGRATE_FAILED,
};

/* Applies what is missing, telling each step on `out` (NULL: quiet); faults on `errors`. */
MUST_USE enum migrate_result migrate_run(const char *conninfo, const struct embedded_file *files,
                                         size_t count, FILE *out, FILE *errors);
/* Changes nothing. Also refuses a database whose encoding or locale is wrong (C.UTF-8 wanted: DESIGN 7) and
 * one with fsync, full_page_writes or synchronous_commit off. */
MUST_USE enum migrate_result migrate_check(const char *conninfo, const struct embedded_file *files,
                                           size_t count, FILE *errors);

#endif

/* One SQL statement as cmake/statements.awk reads it from a .sql file:
 *
 *   -- name: draft_get
 *   -- lane: read                      (read, write or slow)
 *   -- rows: many                      (told below; most statements have no such line)
 *   -- $1 org uuid  $2 id uuid         (name, then type; the types are what the server declares)
 *   -- any other comment
 *   SELECT ...;
 *
 * A write that says `-- rows: many` serves all members of a batch that run it in one execution: each $n is
 * the array of what its members gave, so the SQL begins with FROM unnest($1, $2, ...) WITH ORDINALITY AS
 * m(..., n), and it returns exactly one row for each member, ORDER BY n. $1, a uuid, is different in all of
 * them: who gives the same one as another runs after that one, in the same transaction. */
#ifndef DB_STATEMENT_H
#define DB_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#define STATEMENT_PARAMS_MAX 32

/* Statements of the read and slow lanes must change nothing: a loop may run them twice, and its sessions of
 * these lanes are read-only, so the server refuses one that writes. (A db/session.h is not.) */
enum db_lane {
    LANE_READ,  /* quick reads by key or index: pipelined, one Sync a turn */
    LANE_WRITE, /* writes: group commit */
    LANE_SLOW,  /* searches, exports, statistics: must hold up nobody else */
    LANE_COUNT
};

struct statement {
    const char *name;
    const char *text;
    const char *file;
    unsigned line;
    enum db_lane lane;
    unsigned param_count;
    const uint32_t *types; /* type OIDs: bool 16, bytea 17, int8 20, int4 23, text 25, json 114, date 1082,
                              timestamptz 1184, timestamptz[] 1185, text[] 1009, uuid 2950, uuid[] 2951, jsonb
                              3802; where is_many, their arrays */
    bool is_many;
};

#endif

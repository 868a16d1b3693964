/* What the tests of writes share: the settings of their struct db, and tables that are empty before each test. */
#ifndef TEST_FIXTURE_H
#define TEST_FIXTURE_H

#include "loop.h"

/* For statements of a table: `table` and `COUNT` are the test's own. */
#define FIXTURE_CONFIG(read_ms, write_ms)                                                                    \
    (struct db_config)                                                                                       \
    {                                                                                                        \
        .conninfo = cluster.conninfo, .statements = table, .statement_count = COUNT, .queue_max = 1000,      \
        .batch_max = 64, .timeout_ms = {read_ms, write_ms, 3000}, .lock_timeout_ms = 300,                    \
    }

static inline int fixture_create(const char *tables)
{
    cluster_create(CLUSTER_FLAGS);
    cluster_sql(tables);
    return 0;
}

static inline int fixture_empty(const char *names)
{
    char sql[128];
    snprintf(sql, sizeof sql, "TRUNCATE %s", names);
    cluster_sql(sql);
    return 0;
}

#endif

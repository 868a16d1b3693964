/* `mosharekat rebuild stats`: what is kept counted, against a direct count, put right where it differs. It
 * runs beside the server and holds up nobody. How figures are counted stands in the migration of that name. */
#include "cli.h"

#include "statements.h"

#define REBUILD_TIMEOUT_MS (30 * 60 * 1000) /* every case is read */

static bool count_wrong(const struct cli *cli, struct session *session, int64_t *ret_wrong)
{
    CLEANUP(close_rows) struct rows *locked = NULL;
    if (!open_run(cli, session, SQL_REBUILD_ALONE, NULL, 0, &locked))
        return false;
    if (!rows_bool(locked, 0, rows_column(locked, "is_alone"))) {
        cli_complain(cli, "another one is running");
        return false;
    }
    CLEANUP(close_rows) struct rows *mended = NULL;
    if (!open_run(cli, session, SQL_REBUILD_STATS, NULL, 0, &mended))
        return false;
    *ret_wrong = rows_int(mended, 0, rows_column(mended, "wrong"));
    CLEANUP(close_rows) struct rows *swept = NULL;
    return open_run(cli, session, SQL_REBUILD_SWEEP, NULL, 0, &swept);
}

enum exit_status rebuild_stats_run(struct cli *cli)
{
    int64_t wrong = 0;
    CLEANUP(close_session) struct session *session = open_migrated_for(cli, REBUILD_TIMEOUT_MS);
    if (!session || !count_wrong(cli, session, &wrong))
        return EXIT_TROUBLE;
    printf("stats: %lld cells were wrong and are right now\n", (long long)wrong);
    return EXIT_FINE;
}

/* `mosharekat rebuild stats|survey`: what is kept counted, against a direct count, put right where it differs.
 * It runs beside the server and holds up nobody. How it is counted stands in the migrations of these names. */
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

enum exit_status rebuild_survey_run(struct cli *cli)
{
    struct uuid id;
    CLEANUP(close_session) struct session *session = NULL;
    CLEANUP(close_rows) struct rows *rows = NULL;
    if (!uuid_parse_text(slice_of(cli->operands[0]), &id)) {
        cli_complain(cli, "%s is no id of a survey", cli->operands[0]);
        return EXIT_USAGE;
    }
    session = open_migrated_for(cli, REBUILD_TIMEOUT_MS);
    struct param param = as_uuid(id);
    if (!session || !open_run(cli, session, SQL_REBUILD_SURVEY, &param, 1, &rows))
        return EXIT_TROUBLE;
    if (rows_count(rows) == 0) {
        cli_complain(cli, "nothing is counted of survey %s", cli->operands[0]);
        return EXIT_TROUBLE;
    }
    printf("survey: %lld counts were wrong and are right now\n",
           (long long)rows_int(rows, 0, rows_column(rows, "wrong")));
    return EXIT_FINE;
}

/* `mosharekat migrate`: the migrations that this binary carries, applied. How they are applied stands in
 * db/migrate.h. */
#include "cli.h"

#include "base/embedded.h"
#include "db/migrate.h"

enum exit_status migrate_command_run(struct cli *cli)
{
    enum migrate_result result =
        migrate_run(cli->settings.database_url, embedded_files, embedded_file_count, stdout, stderr);
    return result == MIGRATE_CURRENT ? EXIT_FINE : EXIT_TROUBLE;
}

/* The command line: a table of commands (main.c), one reader of their options (cli.c), what several of them
 * open (open.c), and the commands themselves. A command prints its own failure on stderr and returns its
 * status. */
#ifndef CLI_H
#define CLI_H

#include "base/settings.h"
#include "contract/contract.h"
#include "db/session.h"

enum exit_status {
    EXIT_FINE = 0,
    EXIT_TROUBLE = 1, /* it was tried and failed */
    EXIT_USAGE = 2,   /* command, option or setting are wrong: nothing was tried */
};

#define CLI_OPTIONS_MAX  8
#define CLI_OPERANDS_MAX 64

struct option_row {
    const char *name;
    const char *argument; /* NULL: a flag */
    const char *help;
};

struct cli {
    const struct command *command;
    struct settings settings;
    const char *values[CLI_OPTIONS_MAX]; /* by option; NULL: not given, "" for a flag */
    const char *operands[CLI_OPERANDS_MAX];
    size_t operand_count;
};

struct command {
    const char *name; /* one word or two: "key create" */
    enum exit_status (*run)(struct cli *cli);
    bool needs_settings;
    const char *operands; /* how they are shown: "FILE..." */
    size_t operands_min, operands_max;
    const struct option_row *options; /* ended by a NULL name; NULL: none */
    const char *help;
};

/* --- reading (cli.c) --------------------------------------------------------------------------------- */

/* The command that the arguments begin with, NULL if there is none; `*ret_words` is how many it took. */
const struct command *cli_find(const struct command *table, size_t count, int argc, char **argv,
                               int *ret_words);
enum cli_read { CLI_READ = 0, CLI_HELP_WANTED, CLI_WRONG };
/* Options may stand anywhere, as `--name VALUE` or `--name=VALUE`; "--" ends them. What is wrong goes to
 * stderr. */
MUST_USE enum cli_read cli_read(const struct command *command, int argc, char **argv, struct cli *ret);
/* The value of an option of the command's table; NULL: not given. */
const char *cli_value(const struct cli *cli, const char *name);
bool cli_flag(const struct cli *cli, const char *name);
void cli_print_command(const struct command *command);
/* "mosharekat apply: ..." on stderr. */
void cli_complain(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* --- opening (open.c): NULL or false after a complaint ------------------------------------------------- */

MUST_USE struct session *open_session(const struct cli *cli);
/* As open_session(), on a database that migrate_check() accepts. */
MUST_USE struct session *open_migrated(const struct cli *cli);
/* The same for statements that take longer than usual. */
MUST_USE struct session *open_migrated_for(const struct cli *cli, int64_t timeout_ms);
MUST_USE struct contract *open_contract(const struct cli *cli);
/* The whole file in one malloc'd block with a NUL behind it; at most `max` bytes. */
MUST_USE bool open_file(const struct cli *cli, const char *path, size_t max, char **ret_data,
                        size_t *ret_len);
/* Runs a statement; false after a complaint. */
MUST_USE bool open_run(const struct cli *cli, struct session *session, unsigned statement,
                       const struct param *params, unsigned param_count, struct rows **ret);

/* For CLEANUP(). */
void close_session(struct session **session);
void close_rows(struct rows **rows);
void close_contract(struct contract **contract);
void close_text(char **text);

/* --- commands ------------------------------------------------------------------------------------------- */

enum exit_status serve_run(struct cli *cli);
enum exit_status migrate_command_run(struct cli *cli);
enum exit_status apply_run(struct cli *cli);
enum exit_status check_run(struct cli *cli);
enum exit_status key_create_run(struct cli *cli);
enum exit_status key_revoke_run(struct cli *cli);
enum exit_status key_list_run(struct cli *cli);
enum exit_status rebuild_stats_run(struct cli *cli);
enum exit_status rebuild_survey_run(struct cli *cli);

#endif

/* Where the program starts: the table of commands, and what holds for all of them: settings, log, time zone.
 * What a command does stands in a file of its own. */
#include "cli.h"

#include "base/clock.h"
#include "base/log.h"

#include <jansson.h>
#include <unistd.h>

#define CONFIG_HELP "settings, an INI file; MOSHAREKAT_* in the environment goes before it"

static const struct option_row config_only[] = {{"config", "FILE", CONFIG_HELP}, {0}};
static const struct option_row apply_options[] = {
    {"config", "FILE", CONFIG_HELP},
    {"dry-run", NULL, "show what would change, change nothing"},
    {"prune", NULL, "retire what is in the database and no longer in the file"},
    {0},
};
static const struct option_row check_options[] = {
    {"config", "FILE", CONFIG_HELP},
    {"tests", "DIR", "where every operation must be mentioned (tests/api, if there is such a folder)"},
    {0},
};
static const struct option_row create_options[] = {
    {"config", "FILE", CONFIG_HELP},
    {"org", "SLUG", "the organisation, or \"all\""},
    {"role", "ROLE[,ROLE]", "what the holder may do"},
    {"name", "TEXT", "who or what holds the key (the roles, unless said)"},
    {"expires", "DATE", "last day on which it works, YYYY-MM-DD"},
    {0},
};

static enum exit_status version_run(struct cli *cli);
static enum exit_status help_run(struct cli *cli);

static const struct command commands[] = {
    {"serve", serve_run, true, NULL, 0, 0, config_only, "Runs the server until SIGINT or SIGTERM."},
    {"migrate", migrate_command_run, true, NULL, 0, 0, config_only,
     "Brings the database to this program's version."},
    {"apply", apply_run, true, "FILE...", 1, CLI_OPERANDS_MAX, apply_options,
     "Checks strategy files and brings the database to what they say."},
    {"check", check_run, true, NULL, 0, 0, check_options,
     "Checks statements, contract, handlers and tests against each other, on a migrated database."},
    {"key create", key_create_run, true, NULL, 0, 0, create_options,
     "Makes an API key: the key on standard output, once; its id on standard error."},
    {"key revoke", key_revoke_run, true, "ID", 1, 1, config_only, "Ends an API key at once."},
    {"key list", key_list_run, true, NULL, 0, 0, config_only,
     "Lists the API keys; the keys themselves are nowhere."},
    {"rebuild stats", rebuild_stats_run, true, NULL, 0, 0, config_only,
     "Counts the figures anew and puts right what differs; the server may run."},
    {"rebuild survey", rebuild_survey_run, true, "ID", 1, 1, config_only,
     "The same for the results of a survey."},
    {"version", version_run, false, NULL, 0, 0, NULL, "Prints the version."},
    {"help", help_run, false, NULL, 0, 0, NULL, "Prints the commands."},
};

static enum exit_status version_run(struct cli *cli)
{
    (void)cli;
    puts("mosharekat " MOSHAREKAT_VERSION);
    return EXIT_FINE;
}

static enum exit_status help_run(struct cli *cli)
{
    (void)cli;
    puts("mosharekat COMMAND [OPTION...]\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        const char *operands = commands[i].operands ? commands[i].operands : "";
        int len = printf("  %s %s", commands[i].name, operands);
        printf("%*s%s\n", 18 - len, "", commands[i].help);
    }
    puts("\n`mosharekat COMMAND --help` lists a command's options, `mosharekat serve --help` the settings.");
    return EXIT_FINE;
}

/* --- what holds for all commands ---------------------------------------------------------------------- */

static bool start_log(const struct cli *cli)
{
    static const char *const names[] = {[LOG_DEBUG_LEVEL] = "debug",
                                        [LOG_INFO_LEVEL] = "info",
                                        [LOG_WARN_LEVEL] = "warn",
                                        [LOG_ERROR_LEVEL] = "error"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(cli->settings.log_level, names[i]) == 0) {
            log_start((enum log_level)i, STDERR_FILENO);
            return true;
        }
    }
    cli_complain(cli, "setting log_level: debug, info, warn or error, not \"%s\"", cli->settings.log_level);
    return false;
}

static bool settle(struct cli *cli)
{
    if (!settings_load(&cli->settings, cli_value(cli, "config"), environ, stderr) || !start_log(cli))
        return false;
    if (clock_zone_set(cli->settings.time_zone))
        return true;
    cli_complain(cli, "setting time_zone: this machine's tzdata does not know \"%s\", or is too old",
                 cli->settings.time_zone);
    return false;
}

static enum exit_status print_help(const struct command *command)
{
    cli_print_command(command);
    if (command->run == serve_run) {
        puts("\nSettings (NAME in the file, MOSHAREKAT_NAME in the environment):\n");
        settings_print_help(stdout);
    }
    return EXIT_FINE;
}

static enum exit_status run(const struct command *command, int argc, char **argv)
{
    struct cli cli;
    switch (cli_read(command, argc, argv, &cli)) {
    case CLI_READ:
        break;
    case CLI_HELP_WANTED:
        return print_help(command);
    case CLI_WRONG:
        fprintf(stderr, "`mosharekat %s --help` tells how it is used\n", command->name);
        return EXIT_USAGE;
    }
    if (command->needs_settings && !settle(&cli))
        return EXIT_USAGE;
    enum exit_status status = command->run(&cli);
    log_flush();
    return status;
}

static enum exit_status refuse(const char *name)
{
    if (name)
        fprintf(stderr, "mosharekat: there is no command \"%s\"\n", name);
    else
        fputs("mosharekat: a command is missing\n", stderr);
    fputs("`mosharekat help` lists the commands\n", stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    json_object_seed(0); /* before there are threads */

    bool is_help = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    bool is_version = argc == 2 && strcmp(argv[1], "--version") == 0;
    if (is_help || is_version)
        return is_help ? help_run(NULL) : version_run(NULL);

    int words = 0;
    const struct command *command = cli_find(commands, ARRAY_LEN(commands), argc - 1, argv + 1, &words);
    if (!command)
        return refuse(argc < 2 ? NULL : argv[1]);
    return run(command, argc - 1 - words, argv + 1 + words);
}

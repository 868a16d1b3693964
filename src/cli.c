/* Reads a command line against the table of commands. Knows no command by name; what a command does with its
 * options is its own business. */
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>

#define NAME_COLUMN 26

/* The words of a command's name that the arguments begin with, 0 if they do not. */
static int words_matched(const char *name, int argc, char **argv)
{
    int words = 0;
    while (words < argc) {
        size_t len = strlen(argv[words]);
        if (strncmp(name, argv[words], len) != 0)
            return 0;
        name += len;
        words++;
        if (*name == '\0')
            return words;
        if (*name++ != ' ')
            return 0;
    }
    return 0;
}

const struct command *cli_find(const struct command *table, size_t count, int argc, char **argv,
                               int *ret_words)
{
    for (size_t i = 0; i < count; i++) {
        int words = words_matched(table[i].name, argc, argv);
        if (words > 0) {
            *ret_words = words;
            return &table[i];
        }
    }
    return NULL;
}

/* -1: the command has no such option. */
static int option_find(const struct command *command, struct slice name)
{
    for (int i = 0; command->options && command->options[i].name; i++)
        if (slice_is(name, command->options[i].name))
            return i;
    return -1;
}

static bool wrong(const struct cli *cli, const char *fault, struct slice what)
{
    cli_complain(cli, "%s%.*s", fault, (int)what.len, what.data);
    return false;
}

/* One option at argv[*at], its value perhaps in the argument behind it. */
static bool read_option(struct cli *cli, int argc, char **argv, int *at)
{
    const char *text = argv[*at] + 2, *equals = strchr(text, '=');
    struct slice name = {text, equals ? (size_t)(equals - text) : strlen(text)};
    int index = option_find(cli->command, name);
    if (index < 0)
        return wrong(cli, "there is no option --", name);
    if (cli->values[index])
        return wrong(cli, "given twice: --", name);

    if (!cli->command->options[index].argument) {
        cli->values[index] = "";
        return !equals || wrong(cli, "takes no value: --", name);
    }
    if (!equals && *at + 1 >= argc)
        return wrong(cli, "needs a value: --", name);
    cli->values[index] = equals ? equals + 1 : argv[++*at];
    return true;
}

static bool read_operand(struct cli *cli, const char *text)
{
    if (cli->operand_count >= cli->command->operands_max)
        return wrong(cli, "one argument too many: ", slice_of(text));
    cli->operands[cli->operand_count++] = text;
    return true;
}

enum cli_read cli_read(const struct command *command, int argc, char **argv, struct cli *ret)
{
    bool is_option_possible = true;
    *ret = (struct cli){.command = command};

    for (int i = 0; i < argc; i++) {
        bool is_option = is_option_possible && argv[i][0] == '-' && argv[i][1] != '\0';
        if (is_option && strcmp(argv[i], "--") == 0) {
            is_option_possible = false;
            continue;
        }
        if (is_option && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0))
            return CLI_HELP_WANTED;
        if (is_option && argv[i][1] != '-') {
            wrong(ret, "there is no option ", slice_of(argv[i]));
            return CLI_WRONG;
        }
        if (is_option ? !read_option(ret, argc, argv, &i) : !read_operand(ret, argv[i]))
            return CLI_WRONG;
    }
    if (ret->operand_count >= command->operands_min)
        return CLI_READ;
    wrong(ret, "missing: ", slice_of(command->operands));
    return CLI_WRONG;
}

const char *cli_value(const struct cli *cli, const char *name)
{
    int index = option_find(cli->command, slice_of(name));
    if (index < 0)
        abort(); /* the command's own table lacks it */
    return cli->values[index];
}

bool cli_flag(const struct cli *cli, const char *name)
{
    return cli_value(cli, name) != NULL;
}

static void print_row(const char *name, const char *argument, const char *help)
{
    int len = printf("  --%s%s%s", name, argument ? " " : "", argument ? argument : "");
    printf("%*s %s\n", len < NAME_COLUMN ? NAME_COLUMN - len : 0, "", help);
}

void cli_print_command(const struct command *command)
{
    printf("mosharekat %s%s%s%s\n\n%s\n\n", command->name, command->options ? " [OPTION...]" : "",
           command->operands ? " " : "", command->operands ? command->operands : "", command->help);
    for (const struct option_row *row = command->options; row && row->name; row++)
        print_row(row->name, row->argument, row->help);
    print_row("help", NULL, "this text");
}

void cli_complain(const struct cli *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "mosharekat %s: ", cli->command->name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

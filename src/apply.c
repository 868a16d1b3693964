/* `mosharekat apply`: strategy files, checked all together before the first one is written; then one
 * statement a file (apply.sql), whose rows are the difference, told here one line each. What a file may say
 * is strategy.c's business. */
#include "cli.h"

#include "base/clock.h"
#include "base/embedded.h"
#include "statements.h"
#include "strategy.h"
#include "strategy_show.h"

#include <stdlib.h>

#define SCHEMA_PATH "strategies/schema.yaml"

struct applying {
    const struct cli *cli;
    struct arena arena;
    struct document *documents[CLI_OPERANDS_MAX];
};

/* --- reading ----------------------------------------------------------------------------------------- */

static struct contract *compile_schema(const struct cli *cli)
{
    const struct embedded_file *file = embedded_find(SCHEMA_PATH);
    struct contract_error error = {0, "this binary carries no such file"};
    struct contract *contract = file ? strategy_schema_compile(embedded_slice(file), &error) : NULL;
    if (!contract)
        cli_complain(cli, SCHEMA_PATH ":%u: %s", error.line, error.text);
    return contract;
}

static void print_faults(const char *path, const struct strategy_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct strategy_fault *fault = &faults->items[i];
        fprintf(stderr, "%s:%u: %s%s%s\n", path, fault->line, fault->pointer, *fault->pointer ? ": " : "",
                fault->sentence);
    }
}

static bool read_strategy(struct applying *applying, size_t index, const struct schema *schema)
{
    const char *path = applying->cli->operands[index];
    CLEANUP(close_text) char *text = NULL;
    size_t len = 0;
    if (!open_file(applying->cli, path, STRATEGY_BYTES_MAX, &text, &len))
        return false;

    struct strategy_faults *faults = arena_alloc(&applying->arena, sizeof *faults);
    faults->arena = &applying->arena;
    applying->documents[index] = strategy_read((struct slice){text, len}, schema, faults);
    print_faults(path, faults);
    return faults->count == 0;
}

static bool read_strategies(struct applying *applying)
{
    CLEANUP(close_contract) struct contract *contract = compile_schema(applying->cli);
    if (!contract)
        return false;
    bool is_good = true;
    for (size_t i = 0; i < applying->cli->operand_count; i++)
        is_good &= read_strategy(applying, i, contract_schema(contract, "Strategy"));
    return is_good;
}

/* --- writing ----------------------------------------------------------------------------------------- */

static bool apply_one(struct applying *applying, struct session *session, size_t index)
{
    const struct cli *cli = applying->cli;
    struct document *document = applying->documents[index];
    CLEANUP(close_rows) struct rows *rows = NULL;
    CLEANUP(close_text) char *text = json_dumps(document_json(document), JSON_COMPACT);
    if (!text)
        abort();

    bool is_pruning = cli_flag(cli, "prune"), is_trial = cli_flag(cli, "dry-run");
    const struct param params[] = {as_json(slice_of(text)), as_bool(is_pruning), as_bool(is_trial),
                                   as_uuid(uuid_new(clock_now_us()))};
    if (!open_run(cli, session, SQL_STRATEGY_APPLY, params, ARRAY_LEN(params), &rows))
        return false;
    if (rows_bool(rows, 0, rows_column(rows, "is_orphan"))) {
        fprintf(stderr, "%s:%u: /parent: There is no such organisation; apply its file first.\n",
                cli->operands[index], document_line(document, "/parent"));
        return false;
    }
    if (cli->operand_count > 1)
        printf("%s:\n", cli->operands[index]);
    strategy_show(rows, is_pruning, stdout);
    return true;
}

static bool apply_all(struct applying *applying)
{
    CLEANUP(close_session) struct session *session = open_migrated(applying->cli);
    if (!session)
        return false;
    for (size_t i = 0; i < applying->cli->operand_count; i++)
        if (!apply_one(applying, session, i))
            return false;
    if (cli_flag(applying->cli, "dry-run"))
        fputs("dry run: nothing was changed\n", stderr);
    return true;
}

enum exit_status apply_run(struct cli *cli)
{
    struct applying applying = {.cli = cli};
    arena_init(&applying.arena, 64 * 1024);
    bool is_done = read_strategies(&applying) && apply_all(&applying);
    for (size_t i = 0; i < cli->operand_count; i++)
        document_free(applying.documents[i]);
    arena_done(&applying.arena);
    return is_done ? EXIT_FINE : EXIT_TROUBLE;
}

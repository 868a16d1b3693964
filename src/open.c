/* What several commands open: files, the database, the contract. Each failure is told here, once, so that a
 * command only has to leave. */
#include "cli.h"

#include "base/embedded.h"
#include "db/migrate.h"
#include "domain/policy.h"
#include "http/server.h"
#include "statements.h"

#include <errno.h>
#include <stdlib.h>

#define SESSION_TIMEOUT_MS 30000

static struct session *open_for(const struct cli *cli, int64_t timeout_ms)
{
    char error[SESSION_ERROR_MAX];
    const struct session_config config = {
        .conninfo = cli->settings.database_url,
        .statements = statements,
        .statement_count = SQL_COUNT,
        .timeout_ms = timeout_ms,
        .interrupt_fd = -1,
    };
    struct session *session = session_open(&config, error);
    if (!session)
        cli_complain(cli, "no connection to the database (setting database_url): %s", error);
    return session;
}

struct session *open_session(const struct cli *cli)
{
    return open_for(cli, SESSION_TIMEOUT_MS);
}

struct session *open_migrated(const struct cli *cli)
{
    return open_migrated_for(cli, SESSION_TIMEOUT_MS);
}

struct session *open_migrated_for(const struct cli *cli, int64_t timeout_ms)
{
    enum migrate_result result =
        migrate_check(cli->settings.database_url, embedded_files, embedded_file_count, stderr);
    return result == MIGRATE_CURRENT ? open_for(cli, timeout_ms) : NULL;
}

struct contract *open_contract(const struct cli *cli)
{
    const struct contract_vocabulary vocabulary = {permission_names, server_rates, server_tags};
    const struct embedded_file *file = embedded_find("openapi.yaml");
    struct contract_error error = {0, "this binary carries no openapi.yaml"};
    struct contract *contract = file ? contract_compile(embedded_slice(file), &vocabulary, &error) : NULL;
    if (!contract)
        cli_complain(cli, "openapi.yaml:%u: %s", error.line, error.text);
    return contract;
}

static bool read_all(FILE *file, size_t max, char **ret_data, size_t *ret_len)
{
    char *data = malloc(max + 1);
    if (!data)
        abort();
    size_t len = fread(data, 1, max + 1, file);
    if (ferror(file) || len > max) {
        errno = ferror(file) ? errno : EFBIG;
        free(data);
        return false;
    }
    data[len] = '\0';
    *ret_data = data;
    *ret_len = len;
    return true;
}

bool open_file(const struct cli *cli, const char *path, size_t max, char **ret_data, size_t *ret_len)
{
    FILE *file = fopen(path, "rbe");
    bool is_read = file && read_all(file, max, ret_data, ret_len);
    if (!is_read)
        cli_complain(cli, "%s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    return is_read;
}

bool open_run(const struct cli *cli, struct session *session, unsigned statement, const struct param *params,
              unsigned param_count, struct rows **ret)
{
    enum db_outcome outcome = session_run(session, statement, params, param_count, ret);
    if (outcome != DB_OK)
        cli_complain(cli, "%s: %s", db_outcome_name(outcome), session_error(session));
    return outcome == DB_OK;
}

void close_session(struct session **session)
{
    session_close(*session);
}

void close_rows(struct rows **rows)
{
    rows_free(*rows);
}

void close_contract(struct contract **contract)
{
    contract_free(*contract);
}

void close_text(char **text)
{
    free(*text);
}

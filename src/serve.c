/* `mosharekat serve`: brings up what the server needs, in an order in which each step may refuse, waits for
 * the signal to stop and takes it down in the reverse order. What happens to a request is the business of
 * http/. */
#include "cli.h"

#include "api/api.h"
#include "base/log.h"
#include "domain/policy.h"
#include "http/server.h"
#include "secret.h"
#include "statements.h"
#include "worker/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

/* Blocked before there are threads, so that no thread but this one ever takes them. */
static sigset_t block_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signals;
}

static struct registry *load_registry(const struct cli *cli)
{
    CLEANUP(close_session) struct session *session = open_migrated(cli);
    CLEANUP(close_rows) struct rows *rows = NULL;
    if (!session || !open_run(cli, session, SQL_REGISTRY_LOAD, NULL, 0, &rows))
        return NULL;
    struct slice text = rows_text(rows, 0, rows_column(rows, "registry"));
    json_t *document = json_loadb(text.data, text.len, 0, NULL);
    struct registry *registry = registry_parse(document);
    json_decref(document);
    if (!registry)
        cli_complain(cli, "the organisations in the database make no sense: see the log");
    return registry;
}

static void close_store(struct store **store)
{
    store_close(*store);
}

/* False: there should be one, and it cannot be had (said so). */
static bool open_store(const struct cli *cli, struct store **ret)
{
    const char *state_dir = cli->settings.state_dir;
    char folder[SETTING_TEXT_MAX + 16];
    if (!state_dir[0]) {
        log_warn("server.no_state_dir");
        return true;
    }
    snprintf(folder, sizeof folder, "%s/attachments", state_dir);
    *ret = store_open(folder);
    if (!*ret)
        cli_complain(cli, "state_dir: %s: %s", folder, strerror(errno));
    return *ret;
}

static void serve_until_signal(const struct settings *settings, const sigset_t *signals)
{
    log_info("server.ready", log_text("version", MOSHAREKAT_VERSION), log_text("listen", settings->listen));
    log_flush();
    int signal_number = 0;
    while (sigwait(signals, &signal_number) != 0)
        ;
    log_info("server.stopping", log_text("signal", signal_number == SIGINT ? "SIGINT" : "SIGTERM"));
    log_flush();
}

static void write_worker_metrics(void *context, struct buffer *out)
{
    worker_metrics(context, out);
}

static enum exit_status serve(struct server_config *config, struct worker *worker, const sigset_t *signals)
{
    config->extra_metrics = write_worker_metrics;
    config->context = worker;
    struct server *server = server_start(config);
    if (server) {
        serve_until_signal(config->settings, signals);
        server_stop(server);
    }
    worker_stop(worker);
    log_info("server.stopped", log_int("status", server ? EXIT_FINE : EXIT_TROUBLE));
    return server ? EXIT_FINE : EXIT_TROUBLE;
}

enum exit_status serve_run(struct cli *cli)
{
    sigset_t signals = block_signals();
    struct server_config config = {.settings = &cli->settings, .bindings = api_bindings};

    if (!secret_read(cli, &config.secret))
        return EXIT_USAGE;
    CLEANUP(close_contract) struct contract *contract = open_contract(cli);
    if (!contract)
        return EXIT_TROUBLE;
    config.contract = contract;
    CLEANUP(close_store) struct store *store = NULL;
    if (!open_store(cli, &store))
        return EXIT_TROUBLE;
    if (cli->settings.clamd[0] && !worker_knows_scanner(cli->settings.clamd)) {
        cli_complain(cli, "clamd: %s is no /path and no loopback address:port", cli->settings.clamd);
        return EXIT_USAGE;
    }
    config.store = store;
    config.registry = load_registry(cli);
    if (!config.registry)
        return EXIT_TROUBLE;
    struct worker *worker = cli->settings.worker ? worker_start(&cli->settings) : NULL;
    if (worker || !cli->settings.worker)
        return serve(&config, worker, &signals);
    cli_complain(cli, "no thread for the worker could be made");
    registry_unref(config.registry);
    return EXIT_TROUBLE;
}

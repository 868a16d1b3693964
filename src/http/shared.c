/* What all loops share, built once from the configuration; and the check that contract and handlers match,
 * because an operation without a handler must stop the start. */
#include "engine.h"

#include <stdlib.h>

const char *const server_rates[] = {[RATE_READ] = "read",   [RATE_SUBMIT] = "submit", [RATE_TRACK] = "track",
                                    [RATE_STAFF] = "staff", [RATE_VOTE] = "vote",     NULL};
const char *const server_tags[] = {"orgs",  "drafts",  "comments",      "suggestions", "desk",
                                   "stats", "surveys", "info-requests", NULL};

/* --- contract and handlers --------------------------------------------------------------------- */

static handler_fn *find_handler(const struct binding *bindings, const char *operation_id)
{
    for (; bindings->operation_id; bindings++)
        if (strcmp(bindings->operation_id, operation_id) == 0)
            return bindings->handler;
    return NULL;
}

static bool has_operation(const struct contract *contract, const char *id)
{
    for (size_t i = 0; i < contract_operation_count(contract); i++)
        if (strcmp(contract_operation(contract, i)->id, id) == 0)
            return true;
    return false;
}

unsigned server_check_bindings(const struct contract *contract, const struct binding *bindings, FILE *out)
{
    unsigned misses = 0;
    for (size_t i = 0; i < contract_operation_count(contract); i++) {
        const struct operation *operation = contract_operation(contract, i);
        if (find_handler(bindings, operation->id))
            continue;
        fprintf(out, "openapi.yaml:%u: operation %s has no handler\n", operation->line, operation->id);
        misses++;
    }
    for (const struct binding *binding = bindings; binding->operation_id; binding++) {
        if (has_operation(contract, binding->operation_id))
            continue;
        fprintf(out, "operations.def: %s is no operation of the contract\n", binding->operation_id);
        misses++;
    }
    return misses;
}

static handler_fn **bind_handlers(const struct contract *contract, const struct binding *bindings)
{
    size_t count = contract_operation_count(contract);
    handler_fn **handlers = calloc(count + 1, sizeof(handler_fn *));
    if (!handlers)
        abort();
    for (size_t i = 0; i < count; i++)
        handlers[i] = find_handler(bindings, contract_operation(contract, i)->id);
    return handlers;
}

/* --- life -------------------------------------------------------------------------------------- */

static struct ratelimit *limits_of(const struct settings *settings)
{
    return ratelimit_new((int64_t[RATE_COUNT]){
        [RATE_READ] = settings->rate_read,
        [RATE_SUBMIT] = settings->rate_submit,
        [RATE_TRACK] = settings->rate_track,
        [RATE_STAFF] = settings->rate_staff,
        [RATE_VOTE] = settings->rate_vote,
        [RATE_DENIED] = settings->rate_denied,
        [RATE_TRACK_ALL] = settings->rate_track_all,
    });
}

static void name_instance(char name[INSTANCE_LEN + 1])
{
    uint64_t random;
    crypto_random(&random, sizeof random);
    snprintf(name, INSTANCE_LEN + 1, "%016llx", (unsigned long long)random);
}

struct shared *shared_new(const struct server_config *config)
{
    if (server_check_bindings(config->contract, config->bindings, stderr) > 0) {
        registry_unref(config->registry);
        return NULL;
    }
    struct shared *shared = malloc(sizeof *shared);
    if (!shared)
        abort();
    *shared = (struct shared){
        .settings = config->settings,
        .contract = config->contract,
        .handlers = bind_handlers(config->contract, config->bindings),
        .tracking = {crypto_derive(&config->secret, "tracking-code"),
                     crypto_derive(&config->secret, "tracking-hash")},
        .cursor_key = crypto_derive(&config->secret, "cursor"),
        .idempotency_key = crypto_derive(&config->secret, "idempotency"),
        .registry = registry_holder_new(config->registry),
        .keys = key_cache_new(),
        .identity = identity_new(config->settings),
        .cache = cache_new((size_t)config->settings->cache_max),
        .limits = limits_of(config->settings),
        .metrics = metrics_new(config->contract),
        .store = config->store,
        .extra_metrics = config->extra_metrics,
        .context = config->context,
    };
    name_instance(shared->instance);
    if (!shared->store || (shared->keeper = keeper_new(shared->store)))
        return shared;
    fprintf(stderr, "state_dir: files cannot be kept without libmagic's database\n");
    shared_free(shared);
    return NULL;
}

void shared_free(struct shared *shared)
{
    keeper_free(shared->keeper);
    metrics_free(shared->metrics);
    ratelimit_free(shared->limits);
    cache_free(shared->cache);
    identity_free(shared->identity);
    key_cache_free(shared->keys);
    registry_holder_free(shared->registry);
    free(shared->handlers);
    explicit_bzero(shared, sizeof *shared);
    free(shared);
}

void shared_metrics(struct shared *shared, struct buffer *out)
{
    struct cache_stats cache = cache_stats(shared->cache);
    metrics_write(shared->metrics, &cache, out);
    buffer_printf(out,
                  "# HELP mosharekat_streams streamed answers under way\n# TYPE mosharekat_streams gauge\n"
                  "mosharekat_streams %u\n"
                  "# HELP mosharekat_transfers files on their way\n# TYPE mosharekat_transfers gauge\n"
                  "mosharekat_transfers %u\n",
                  atomic_load(&shared->streams), atomic_load(&shared->transfers));
    if (shared->extra_metrics)
        shared->extra_metrics(shared->context, out);
}

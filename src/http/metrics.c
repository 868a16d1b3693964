/* Metrics in the text format of Prometheus. Counting is a relaxed atomic addition, because it happens on
 * every request; writing reads them one after the other, so a scrape is not one instant. Not for the
 * transport's own figures (connections), nor for the worker's. */
#include "metrics.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define STATUS_LEAST 100
#define STATUS_END   600
#define ENGINES_MAX  64

static const int64_t bounds_us[] = {100,   250,   500,    1000,   2500,    5000,
                                    10000, 25000, 100000, 500000, 1000000, 5000000};

struct operation_figures {
    _Atomic uint64_t by_status[STATUS_END - STATUS_LEAST];
    _Atomic uint64_t buckets[ARRAY_LEN(bounds_us) + 1];
    _Atomic uint64_t sum_us;
};

struct metrics_engine {
    pthread_mutex_t lock;
    struct db_stats stats;
    unsigned waiting;
    bool is_ready;
};

struct metrics {
    const struct contract *contract;
    _Atomic uint64_t counters[METRIC_COUNT];
    _Atomic unsigned engine_count;
    struct metrics_engine engines[ENGINES_MAX];
    size_t operation_count; /* the last of `operations` is for requests that met none */
    struct operation_figures operations[];
};

static const struct {
    const char *name, *help;
} counter_rows[METRIC_COUNT] = {
    [METRIC_RATE_LIMITED] = {"rate_limited_total", "requests refused by a rate limit"},
    [METRIC_KEYS_REFUSED] = {"keys_refused_total", "requests with a key that is unknown, expired or revoked"},
    [METRIC_NOT_MODIFIED] = {"not_modified_total", "answers 304"},
    [METRIC_CACHE_DROPS] = {"cache_drops_total", "writes of this process that made cached answers stale"},
    [METRIC_DEVIATIONS] = {"contract_deviations_total", "answers that were not as the contract says"},
};

struct metrics *metrics_new(const struct contract *contract)
{
    size_t count = contract_operation_count(contract);
    struct metrics *metrics = calloc(1, sizeof *metrics + (count + 1) * sizeof metrics->operations[0]);
    if (!metrics)
        abort();
    metrics->contract = contract;
    metrics->operation_count = count;
    for (size_t i = 0; i < ENGINES_MAX; i++)
        pthread_mutex_init(&metrics->engines[i].lock, NULL);
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    for (size_t i = 0; i < ENGINES_MAX; i++)
        pthread_mutex_destroy(&metrics->engines[i].lock);
    free(metrics);
}

static void add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t value_of(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_count(struct metrics *metrics, enum metric metric)
{
    add(&metrics->counters[metric], 1);
}

void metrics_request(struct metrics *metrics, const struct operation *operation, unsigned status,
                     int64_t duration_us)
{
    size_t index = operation ? operation->index : metrics->operation_count;
    struct operation_figures *figures = &metrics->operations[index];
    size_t bucket = 0;

    while (bucket < ARRAY_LEN(bounds_us) && duration_us > bounds_us[bucket])
        bucket++;
    add(&figures->buckets[bucket], 1);
    add(&figures->sum_us, (uint64_t)duration_us);
    if (status >= STATUS_LEAST && status < STATUS_END)
        add(&figures->by_status[status - STATUS_LEAST], 1);
}

struct metrics_engine *metrics_add_engine(struct metrics *metrics)
{
    unsigned index = atomic_fetch_add(&metrics->engine_count, 1);
    if (index >= ENGINES_MAX) /* the setting `loops` ends there */
        abort();
    return &metrics->engines[index];
}

void metrics_publish(struct metrics_engine *engine, const struct db_stats *stats, unsigned waiting,
                     bool is_ready)
{
    pthread_mutex_lock(&engine->lock);
    engine->stats = *stats;
    engine->waiting = waiting;
    engine->is_ready = is_ready;
    pthread_mutex_unlock(&engine->lock);
}

/* --- the text ---------------------------------------------------------------------------------- */

static void write_head(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_printf(out, "# HELP mosharekat_%s %s\n# TYPE mosharekat_%s %s\n", name, help, name, type);
}

static void write_value(struct buffer *out, const char *name, const char *type, const char *help,
                        double value)
{
    write_head(out, name, type, help);
    buffer_printf(out, "mosharekat_%s %.15g\n", name, value);
}

static const char *operation_name(const struct metrics *metrics, size_t index)
{
    return index < metrics->operation_count ? contract_operation(metrics->contract, index)->id : "none";
}

static void write_requests(const struct metrics *metrics, struct buffer *out)
{
    write_head(out, "requests_total", "counter", "answered requests by operation and status");
    for (size_t i = 0; i <= metrics->operation_count; i++) {
        for (unsigned status = 0; status < STATUS_END - STATUS_LEAST; status++) {
            uint64_t count = value_of(&metrics->operations[i].by_status[status]);
            if (count > 0)
                buffer_printf(out, "mosharekat_requests_total{operation=\"%s\",status=\"%u\"} %llu\n",
                              operation_name(metrics, i), status + STATUS_LEAST, (unsigned long long)count);
        }
    }
}

static uint64_t count_of(const struct operation_figures *figures)
{
    uint64_t count = 0;
    for (size_t bucket = 0; bucket < ARRAY_LEN(figures->buckets); bucket++)
        count += value_of(&figures->buckets[bucket]);
    return count;
}

static void write_histogram(struct buffer *out, const char *operation,
                            const struct operation_figures *figures)
{
    static const char prefix[] = "mosharekat_request_seconds";
    unsigned long long seen = 0;
    for (size_t bucket = 0; bucket < ARRAY_LEN(bounds_us); bucket++) {
        seen += value_of(&figures->buckets[bucket]);
        buffer_printf(out, "%s_bucket{operation=\"%s\",le=\"%g\"} %llu\n", prefix, operation,
                      (double)bounds_us[bucket] / 1e6, seen);
    }
    seen += value_of(&figures->buckets[ARRAY_LEN(bounds_us)]);
    buffer_printf(out, "%s_bucket{operation=\"%s\",le=\"+Inf\"} %llu\n", prefix, operation, seen);
    buffer_printf(out, "%s_sum{operation=\"%s\"} %.6f\n", prefix, operation,
                  (double)value_of(&figures->sum_us) / 1e6);
    buffer_printf(out, "%s_count{operation=\"%s\"} %llu\n", prefix, operation, seen);
}

static void write_histograms(const struct metrics *metrics, struct buffer *out)
{
    write_head(out, "request_seconds", "histogram", "time from the headers to the end of the answer");
    for (size_t i = 0; i <= metrics->operation_count; i++)
        if (count_of(&metrics->operations[i]) > 0)
            write_histogram(out, operation_name(metrics, i), &metrics->operations[i]);
}

/* What the engines have together; `ret_waiting` and `ret_ready` count over them. */
static struct db_stats gather(struct metrics *metrics, unsigned *ret_waiting, unsigned *ret_ready)
{
    struct db_stats all = {0};
    unsigned count = atomic_load(&metrics->engine_count);
    for (unsigned i = 0; i < count; i++) {
        struct metrics_engine *engine = &metrics->engines[i];
        pthread_mutex_lock(&engine->lock);
        for (size_t lane = 0; lane < LANE_COUNT; lane++) {
            all.jobs[lane] += engine->stats.jobs[lane];
            all.batches[lane] += engine->stats.batches[lane];
            all.failures[lane] += engine->stats.failures[lane];
        }
        for (size_t bucket = 0; bucket < ARRAY_LEN(all.batch_size_buckets); bucket++)
            all.batch_size_buckets[bucket] += engine->stats.batch_size_buckets[bucket];
        all.reconnects += engine->stats.reconnects;
        *ret_waiting += engine->waiting;
        *ret_ready += engine->is_ready ? 1 : 0;
        pthread_mutex_unlock(&engine->lock);
    }
    return all;
}

static void write_lanes(struct buffer *out, const char *name, const char *help,
                        const uint64_t values[LANE_COUNT])
{
    static const char *const lanes[LANE_COUNT] = {
        [LANE_READ] = "read", [LANE_WRITE] = "write", [LANE_SLOW] = "slow"};
    write_head(out, name, "counter", help);
    for (size_t lane = 0; lane < LANE_COUNT; lane++)
        buffer_printf(out, "mosharekat_%s{lane=\"%s\"} %llu\n", name, lanes[lane],
                      (unsigned long long)values[lane]);
}

static void write_batches(struct buffer *out, const struct db_stats *stats)
{
    static const char *const least[] = {"1", "2", "4", "8", "16", "32", "64", "+Inf"};
    unsigned long long seen = 0;
    write_head(out, "write_batch_size", "histogram", "writes that shared a commit");
    for (size_t i = 0; i < ARRAY_LEN(least); i++) {
        seen += stats->batch_size_buckets[i];
        buffer_printf(out, "mosharekat_write_batch_size_bucket{le=\"%s\"} %llu\n", least[i], seen);
    }
    buffer_printf(out, "mosharekat_write_batch_size_sum %llu\nmosharekat_write_batch_size_count %llu\n",
                  (unsigned long long)stats->jobs[LANE_WRITE], seen);
}

static void write_database(struct metrics *metrics, struct buffer *out)
{
    unsigned waiting = 0, ready = 0;
    struct db_stats stats = gather(metrics, &waiting, &ready);

    write_value(out, "database_queue", "gauge", "statements that wait for the database", waiting);
    write_value(out, "engines_ready", "gauge", "loops that the database answers", ready);
    write_value(out, "database_reconnects_total", "counter", "connections made again",
                (double)stats.reconnects);
    write_lanes(out, "database_jobs_total", "statements by lane", stats.jobs);
    write_lanes(out, "database_batches_total", "pipelines (one Sync each) by lane", stats.batches);
    write_lanes(out, "database_failures_total", "statements that failed, by lane", stats.failures);
    write_batches(out, &stats);
}

static void write_cache(const struct cache_stats *cache, struct buffer *out)
{
    write_value(out, "cache_hits_total", "counter", "answers from the cache", (double)cache->hits);
    write_value(out, "cache_misses_total", "counter", "cacheable answers that were not there",
                (double)cache->misses);
    write_value(out, "cache_bytes", "gauge", "memory of cached answers", (double)cache->bytes);
    write_value(out, "cache_entries", "gauge", "cached answers", (double)cache->entries);
}

void metrics_write(struct metrics *metrics, const struct cache_stats *cache, struct buffer *out)
{
    write_requests(metrics, out);
    write_histograms(metrics, out);
    write_database(metrics, out);
    write_cache(cache, out);
    for (size_t i = 0; i < METRIC_COUNT; i++)
        write_value(out, counter_rows[i].name, "counter", counter_rows[i].help,
                    (double)value_of(&metrics->counters[i]));
    write_value(out, "clock_offset_seconds", "gauge", "the database's clock minus this machine's",
                (double)clock_offset_us() / 1e6);
}

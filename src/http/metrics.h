/* What /metrics tells about the engine: counters that all loops add to, and a picture of each engine. */
#ifndef METRICS_H
#define METRICS_H

#include "base/buffer.h"
#include "contract/contract.h"
#include "db/db.h"

#include "cache.h"

enum metric {
    METRIC_RATE_LIMITED,
    METRIC_KEYS_REFUSED,
    METRIC_NOT_MODIFIED,
    METRIC_CACHE_DROPS,
    METRIC_DEVIATIONS,
    METRIC_COUNT
};

struct metrics;
struct metrics_engine;

struct metrics *metrics_new(const struct contract *contract);
void metrics_free(struct metrics *metrics); /* accepts NULL */

void metrics_count(struct metrics *metrics, enum metric metric);
/* A request that was answered; `operation` NULL when it met none. */
void metrics_request(struct metrics *metrics, const struct operation *operation, unsigned status,
                     int64_t duration_us);

/* A place for one engine's picture; lives as long as the metrics. */
struct metrics_engine *metrics_add_engine(struct metrics *metrics);
void metrics_publish(struct metrics_engine *engine, const struct db_stats *stats, unsigned waiting,
                     bool is_ready);

void metrics_write(struct metrics *metrics, const struct cache_stats *cache, struct buffer *out);

struct shared;
/* Everything of ours, and then what the configuration's extra_metrics adds. */
void shared_metrics(struct shared *shared, struct buffer *out);

#endif

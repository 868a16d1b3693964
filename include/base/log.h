/* JSON log lines on standard error: {"time","level","event",...}. `event` is a stable dotted name.
 *
 * Whoever answers a failure logs it, once. Never log a body, a key, a tracking code, an address, a header
 * value or a message of PostgreSQL or jansson (both echo input). Lines gather in memory; the loops call
 * log_flush() once a turn, warnings and errors flush at once. Thread-safe. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/slice.h"

#include <stdint.h>

enum log_level { LOG_DEBUG_LEVEL, LOG_INFO_LEVEL, LOG_WARN_LEVEL, LOG_ERROR_LEVEL };

struct log_field {
    const char *name; /* NULL ends the list */
    struct slice text;
    int64_t number;
    bool is_number;
};

void log_start(enum log_level least, int fd);
bool log_is_on(enum log_level level);
void log_write(enum log_level level, const char *event, const struct log_field *fields);
void log_flush(void);

static inline struct log_field log_text(const char *name, const char *value)
{
    return (struct log_field){name, slice_of(value), 0, false};
}
static inline struct log_field log_slice(const char *name, struct slice value)
{
    return (struct log_field){name, value, 0, false};
}
static inline struct log_field log_int(const char *name, int64_t value)
{
    return (struct log_field){name, {0}, value, true};
}

#define log_info(event, ...)                                                                                 \
    log_write(LOG_INFO_LEVEL, event, (struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}})
#define log_warn(event, ...)                                                                                 \
    log_write(LOG_WARN_LEVEL, event, (struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}})
#define log_error(event, ...)                                                                                \
    log_write(LOG_ERROR_LEVEL, event, (struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}})

#endif

/* A virus scanner that speaks clamd's protocol: a file is streamed to it (INSTREAM), one verdict comes back. */
#ifndef CLAMD_H
#define CLAMD_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

enum scan_verdict {
    SCAN_CLEAN,
    SCAN_INFECTED,
    SCAN_NO_ANSWER, /* none, in time, that means one of these */
};

/* Streams `fd` from its beginning. `is_stopping` is asked often and cuts it short. */
enum scan_verdict clamd_scan(const char *address, int fd, int64_t timeout_ms,
                             bool (*is_stopping)(const void *context), const void *context);

/* "stream: OK" and "stream: <name> FOUND", with the zero byte that ends them. */
enum scan_verdict clamd_read_reply(struct slice reply);

#endif

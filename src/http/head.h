/* A request's head as libmicrohttpd cut it, in the form that the guard judges. */
#ifndef HEAD_H
#define HEAD_H

#include "guard.h"

struct MHD_Connection;

/* `url`, `method` and `version` are the pointers that the access handler was given; `target` is the copy of
 * the raw target. */
void head_gather(struct MHD_Connection *connection, const char *method, const char *url, const char *version,
                 struct slice target, struct guard_head *ret);

/* The value of a header (the first, any case) without the blanks behind it, NULL slice if absent. */
struct slice head_value(const struct guard_header *headers, size_t count, const char *name);

#endif

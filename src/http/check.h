/* In the dev preset: every answer against the contract. */
#ifndef CHECK_H
#define CHECK_H

#include "exchange.h"

/* Whether the contract declares such an answer. A deviation is logged and counted; the caller answers 500.
 * Always true in other presets. */
#ifdef MOSHAREKAT_CHECK_REPLIES
bool check_body(struct exchange *exchange, unsigned status, const char *media_type, struct slice body);
#else
static inline bool check_body(struct exchange *exchange, unsigned status, const char *media_type,
                              struct slice body)
{
    (void)exchange, (void)status, (void)media_type, (void)body;
    return true;
}
#endif

#endif

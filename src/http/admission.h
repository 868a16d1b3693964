/* How many connections there are, in all and from each address: one count for all loops. */
#ifndef ADMISSION_H
#define ADMISSION_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

/* Connections above the limit that are still accepted, to be answered 503; beyond them they are dropped
 * unheard. */
#define ADMISSION_HEADROOM 128

struct admission;

/* `per_address` 0: no limit. An IPv6 client is its /64. */
struct admission *admission_new(unsigned connections, unsigned per_address);
void admission_free(struct admission *admission);

enum admission_verdict {
    ADMISSION_GRANTED,
    ADMISSION_REFUSED, /* answer 503 and close */
    ADMISSION_DROPPED, /* close at once */
};

/* Counts one more connection, whatever the verdict; admission_leave() when it is gone. `address` has 4 or 16
 * bytes, or none (a unix socket). Thread-safe. */
MUST_USE enum admission_verdict admission_enter(struct admission *admission, struct slice address);
void admission_leave(struct admission *admission, struct slice address);
unsigned admission_count(const struct admission *admission);

#endif

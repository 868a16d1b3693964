/* Range requests (RFC 9110, section 14): one range of bytes. */
#ifndef RANGE_H
#define RANGE_H

#include "base/slice.h"

#include <stdint.h>

struct range {
    uint64_t first, len;
};

enum range_verdict {
    RANGE_NONE, /* all of it is wanted, or something that is not ours to give: several ranges, other units */
    RANGE_PART, /* `ret` */
    RANGE_UNSATISFIABLE, /* it begins behind the end */
};

/* What the header Range wants of `size` bytes. */
enum range_verdict range_read(struct slice header, uint64_t size, struct range *ret);

#endif

/* SipHash-2-4: a short keyed hash, for tables that strangers fill (rate limits, cache) and entity tags. */
#ifndef SIPHASH_H
#define SIPHASH_H

#include "base/slice.h"

#include <stdint.h>

struct siphash_key {
    uint64_t a, b;
};

uint64_t siphash(struct siphash_key key, struct slice data);

#endif

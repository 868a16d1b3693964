/* Ready answers to public GETs, shared by all loops.
 *
 * An entry is right as long as (1) its seconds last, by the monotonic clock, (2) its row says so (`_until`),
 * by the database's clock, and (3) nobody wrote under its tag. For (3) every (organisation, tag) has a
 * generation; an entry keeps the one that was current when its statement was *submitted*, so a write
 * committed while the rows were on their way wins. A bump makes entries wrong at once, wherever they are; the
 * bytes go when they are met. */
#ifndef CACHE_H
#define CACHE_H

#include "exchange.h"

struct cache;

struct cache_key {
    struct slice path, query; /* raw */
};

struct cache_now {
    int64_t us, mono_us;
};

/* What of an answer is kept. Strings are pinned by `content` (cache_pack). */
struct cached {
    struct content *content;
    const char *media_type, *etag; /* etag with its quotes */
    const char *link;              /* NULL: none */
};

struct cache_life {
    struct slice org; /* slug, or empty */
    unsigned tag;
    uint64_t generation; /* from cache_generation(), before the statement was submitted */
    struct cache_now until;
};

struct cache *cache_new(size_t max_bytes); /* 0: holds nothing */
void cache_free(struct cache *cache);      /* accepts NULL */

/* Makes the content of `data` (malloc'd, taken) with copies of the strings of `cached` behind it, and lets
 * `cached` point to all of it. The caller holds the one reference. */
void cache_pack(struct cached *cached, char *data, size_t len);
/* Takes a reference of its own. `cached` must come from cache_pack(). */
void cache_put(struct cache *cache, struct cache_key key, const struct cached *cached,
               const struct cache_life *life);
/* On true the caller owns a reference to ret->content. */
MUST_USE bool cache_find(struct cache *cache, struct cache_key key, struct cache_now now, struct cached *ret);

uint64_t cache_generation(const struct cache *cache, struct slice org, unsigned tag);
/* A write in `org` made `tags` (bits) stale: the organisation's answers and those over all of them. An empty
 * `org` (a write whose path names none) makes them stale everywhere. */
void cache_drop(struct cache *cache, struct slice org, uint64_t tags);
void cache_clear(struct cache *cache);

struct cache_stats {
    uint64_t hits, misses, bytes, entries;
};
struct cache_stats cache_stats(struct cache *cache);

#endif

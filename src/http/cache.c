/* The response cache: shards, each a hash table and a list by last use under one lock, bounded in bytes;
 * beside them the generations, plain atomic counters. Two tags may fall on one counter: then a write drops
 * more than it had to, never less.
 *
 * What may be cached, and for how long, is decided by the answer (answer.c). */
#include "cache.h"

#include "base/crypto.h"
#include "siphash.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SHARDS_MAX  8
#define SHARD_BYTES (size_t)(8 << 20)
#define GENERATIONS 4096
#define TAGS_MAX    64                                                   /* they are bits */
#define OVERHEAD    (sizeof(struct entry) + sizeof(struct content) + 64) /* malloc's own, about */

struct entry {
    struct entry *next_in_bucket;
    struct entry *newer, *older;
    uint64_t hash;
    struct cached cached;
    unsigned slot, tag; /* of its generation */
    uint64_t generation;
    struct cache_now until;
    size_t charge, path_len, query_len;
    char key[]; /* path and query */
};

struct shard {
    pthread_mutex_t lock;
    struct entry **buckets;
    struct entry *newest, *oldest;
    size_t bytes, entries;
    uint64_t hits, misses;
};

struct cache {
    struct siphash_key key;
    size_t shard_count, shard_max, bucket_count;
    _Atomic uint64_t epoch, tag_epochs[TAGS_MAX];
    _Atomic uint64_t generations[GENERATIONS];
    struct shard shards[SHARDS_MAX];
};

struct cache *cache_new(size_t max_bytes)
{
    struct cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        abort();
    crypto_random(&cache->key, sizeof cache->key);
    cache->shard_count = max_bytes / SHARD_BYTES;
    if (cache->shard_count < 1)
        cache->shard_count = 1;
    if (cache->shard_count > SHARDS_MAX)
        cache->shard_count = SHARDS_MAX;
    cache->shard_max = max_bytes / cache->shard_count;
    for (cache->bucket_count = 64; cache->bucket_count < cache->shard_max / 2048;)
        cache->bucket_count *= 2;
    for (size_t i = 0; i < cache->shard_count; i++) {
        pthread_mutex_init(&cache->shards[i].lock, NULL);
        cache->shards[i].buckets = calloc(cache->bucket_count, sizeof *cache->shards[i].buckets);
        if (!cache->shards[i].buckets)
            abort();
    }
    return cache;
}

/* --- a shard, under its lock ------------------------------------------------------------------- */

static void list_remove(struct shard *shard, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &shard->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &shard->oldest) = entry->newer;
}

static void list_add(struct shard *shard, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = shard->newest;
    *(shard->newest ? &shard->newest->newer : &shard->oldest) = entry;
    shard->newest = entry;
}

static struct entry **bucket_of(const struct cache *cache, struct shard *shard, uint64_t hash)
{
    return &shard->buckets[(hash >> 8) % cache->bucket_count];
}

static void remove_entry(const struct cache *cache, struct shard *shard, struct entry *entry)
{
    struct entry **link = bucket_of(cache, shard, entry->hash);
    while (*link != entry)
        link = &(*link)->next_in_bucket;
    *link = entry->next_in_bucket;
    list_remove(shard, entry);
    shard->bytes -= entry->charge;
    shard->entries--;
    content_unref(entry->cached.content);
    free(entry);
}

static struct entry *find_entry(const struct cache *cache, struct shard *shard, uint64_t hash,
                                struct cache_key key)
{
    struct entry *entry = *bucket_of(cache, shard, hash);
    for (; entry; entry = entry->next_in_bucket)
        if (entry->hash == hash && slice_equal(key.path, (struct slice){entry->key, entry->path_len}) &&
            slice_equal(key.query, (struct slice){entry->key + entry->path_len, entry->query_len}))
            return entry;
    return NULL;
}

void cache_free(struct cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < cache->shard_count; i++) {
        struct shard *shard = &cache->shards[i];
        while (shard->oldest)
            remove_entry(cache, shard, shard->oldest);
        free(shard->buckets);
        pthread_mutex_destroy(&shard->lock);
    }
    free(cache);
}

/* --- generations ------------------------------------------------------------------------------- */

static unsigned slot_of(const struct cache *cache, struct slice org, unsigned tag)
{
    return (unsigned)(siphash((struct siphash_key){cache->key.a, tag}, org) % GENERATIONS);
}

/* All parts only ever grow, so the sum is new after any change. */
static uint64_t generation_at(const struct cache *cache, unsigned slot, unsigned tag)
{
    return atomic_load(&cache->generations[slot]) + atomic_load(&cache->tag_epochs[tag]) +
           atomic_load(&cache->epoch);
}

uint64_t cache_generation(const struct cache *cache, struct slice org, unsigned tag)
{
    return generation_at(cache, slot_of(cache, org, tag), tag);
}

static void drop_tag(struct cache *cache, struct slice org, unsigned tag)
{
    if (org.len == 0) {
        atomic_fetch_add(&cache->tag_epochs[tag], 1);
        return;
    }
    atomic_fetch_add(&cache->generations[slot_of(cache, org, tag)], 1);
    atomic_fetch_add(&cache->generations[slot_of(cache, (struct slice){"", 0}, tag)], 1);
}

void cache_drop(struct cache *cache, struct slice org, uint64_t tags)
{
    for (unsigned tag = 0; tag < TAGS_MAX; tag++)
        if (tags >> tag & 1)
            drop_tag(cache, org, tag);
}

void cache_clear(struct cache *cache)
{
    atomic_fetch_add(&cache->epoch, 1);
}

/* --- entries ----------------------------------------------------------------------------------- */

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static const char *move_behind(char **at, const char *text)
{
    char *copy = *at;
    if (!text)
        return NULL;
    *at = stpcpy(copy, text) + 1;
    return copy;
}

void cache_pack(struct cached *cached, char *data, size_t len)
{
    char *all =
        realloc(data, len + size_of(cached->media_type) + size_of(cached->etag) + size_of(cached->link));
    if (!all)
        abort();
    char *at = all + len;
    cached->media_type = move_behind(&at, cached->media_type);
    cached->etag = move_behind(&at, cached->etag);
    cached->link = move_behind(&at, cached->link);
    cached->content = content_new(all, len, false);
}

static uint64_t hash_of(const struct cache *cache, struct cache_key key)
{
    uint64_t path = siphash(cache->key, key.path);
    return siphash((struct siphash_key){path, cache->key.b}, key.query);
}

static bool is_right(const struct cache *cache, const struct entry *entry, struct cache_now now)
{
    return now.us < entry->until.us && now.mono_us < entry->until.mono_us &&
           entry->generation == generation_at(cache, entry->slot, entry->tag);
}

static struct entry *entry_new(const struct cache *cache, struct cache_key key, const struct cached *cached,
                               const struct cache_life *life)
{
    struct entry *entry = malloc(sizeof *entry + key.path.len + key.query.len);
    if (!entry)
        abort();
    *entry = (struct entry){
        .hash = hash_of(cache, key),
        .cached = *cached,
        .slot = slot_of(cache, life->org, life->tag),
        .tag = life->tag,
        .generation = life->generation,
        .until = life->until,
        .charge = OVERHEAD + key.path.len + key.query.len + cached->content->len +
                  size_of(cached->media_type) + size_of(cached->etag) + size_of(cached->link),
        .path_len = key.path.len,
        .query_len = key.query.len,
    };
    memcpy(entry->key, key.path.data, key.path.len);
    if (key.query.len > 0)
        memcpy(entry->key + key.path.len, key.query.data, key.query.len);
    content_ref(cached->content);
    return entry;
}

static void insert(const struct cache *cache, struct shard *shard, struct cache_key key, struct entry *entry)
{
    struct entry *former = find_entry(cache, shard, entry->hash, key);
    if (former)
        remove_entry(cache, shard, former);
    while (shard->bytes + entry->charge > cache->shard_max)
        remove_entry(cache, shard, shard->oldest);

    struct entry **bucket = bucket_of(cache, shard, entry->hash);
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    list_add(shard, entry);
    shard->bytes += entry->charge;
    shard->entries++;
}

void cache_put(struct cache *cache, struct cache_key key, const struct cached *cached,
               const struct cache_life *life)
{
    struct entry *entry = entry_new(cache, key, cached, life);
    if (entry->charge > cache->shard_max) {
        content_unref(entry->cached.content);
        free(entry);
        return;
    }
    struct shard *shard = &cache->shards[entry->hash % cache->shard_count];
    pthread_mutex_lock(&shard->lock);
    insert(cache, shard, key, entry);
    pthread_mutex_unlock(&shard->lock);
}

bool cache_find(struct cache *cache, struct cache_key key, struct cache_now now, struct cached *ret)
{
    uint64_t hash = hash_of(cache, key);
    struct shard *shard = &cache->shards[hash % cache->shard_count];

    pthread_mutex_lock(&shard->lock);
    struct entry *entry = find_entry(cache, shard, hash, key);
    if (entry && !is_right(cache, entry, now)) {
        remove_entry(cache, shard, entry);
        entry = NULL;
    }
    if (entry) {
        list_remove(shard, entry);
        list_add(shard, entry);
        *ret = entry->cached;
        content_ref(ret->content);
    }
    *(entry ? &shard->hits : &shard->misses) += 1;
    pthread_mutex_unlock(&shard->lock);
    return entry != NULL;
}

struct cache_stats cache_stats(struct cache *cache)
{
    struct cache_stats stats = {0};
    for (size_t i = 0; i < cache->shard_count; i++) {
        struct shard *shard = &cache->shards[i];
        pthread_mutex_lock(&shard->lock);
        stats.hits += shard->hits;
        stats.misses += shard->misses;
        stats.bytes += shard->bytes;
        stats.entries += shard->entries;
        pthread_mutex_unlock(&shard->lock);
    }
    return stats;
}

/* API keys: a small table, shared by all loops, of what the database last said. Known keys are believed for
 * 30 seconds, refusals for 5 (a key just created works soon); a notification empties the table, so a
 * revocation counts at once. Asking the database is the gate's business (gate_who.c). */
#include "keys.h"

#include <pthread.h>
#include <stdlib.h>

#define WAYS           4
#define SETS           256
#define NAMES_MAX      512
#define KNOWN_LIFE_US  (30 * CLOCK_SECOND_US)
#define REFUSE_LIFE_US (5 * CLOCK_SECOND_US)

struct entry {
    uint8_t hash[DIGEST_LEN];
    int64_t until_mono_us; /* 0: free */
    int64_t expires_us;
    bool is_known;
    struct principal principal; /* its role names are in `names` */
    char names[NAMES_MAX];
};

struct key_cache {
    pthread_mutex_t lock;
    uint64_t generation;
    struct entry sets[SETS][WAYS];
};

struct key_cache *key_cache_new(void)
{
    struct key_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        abort();
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void key_cache_free(struct key_cache *cache)
{
    if (!cache)
        return;
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct entry *set_of(struct key_cache *cache, const uint8_t hash[DIGEST_LEN])
{
    return cache->sets[hash[0] % SETS];
}

/* The entry of `hash` if it is still right, or NULL. Under the lock. */
static const struct entry *find_fresh(struct key_cache *cache, const uint8_t hash[DIGEST_LEN])
{
    const struct entry *set = set_of(cache, hash);
    for (size_t i = 0; i < WAYS; i++)
        if (memcmp(set[i].hash, hash, DIGEST_LEN) == 0 && set[i].until_mono_us > clock_mono_us())
            return &set[i];
    return NULL;
}

static void copy_principal(const struct principal *from, struct arena *arena, struct principal *ret)
{
    *ret = *from;
    for (size_t i = 0; i < from->role_count; i++)
        ret->roles[i] = arena_strdup(arena, from->roles[i]);
}

enum key_state key_cache_find(struct key_cache *cache, const uint8_t hash[DIGEST_LEN], struct arena *arena,
                              struct principal *ret_principal)
{
    enum key_state state = KEY_UNSEEN;

    pthread_mutex_lock(&cache->lock);
    const struct entry *entry = find_fresh(cache, hash);
    if (entry && (!entry->is_known || entry->expires_us <= clock_now_us())) {
        state = KEY_REFUSED;
    } else if (entry) {
        copy_principal(&entry->principal, arena, ret_principal);
        state = KEY_KNOWN;
    }
    pthread_mutex_unlock(&cache->lock);
    return state;
}

/* The entry of `hash`, else the one that ends first: refusals make room for refusals. */
static struct entry *find_room(struct key_cache *cache, const uint8_t hash[DIGEST_LEN])
{
    struct entry *set = set_of(cache, hash), *first = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (memcmp(set[i].hash, hash, DIGEST_LEN) == 0)
            return &set[i];
        if (set[i].until_mono_us < first->until_mono_us)
            first = &set[i];
    }
    return first;
}

/* False when the names do not fit: such a key is looked up each time. */
static bool keep_principal(struct entry *entry, const struct principal *known)
{
    char *at = entry->names, *end = entry->names + sizeof entry->names;
    entry->principal = *known;
    for (size_t i = 0; i < known->role_count; i++) {
        size_t size = strlen(known->roles[i]) + 1;
        if (size > (size_t)(end - at))
            return false;
        entry->principal.roles[i] = memcpy(at, known->roles[i], size);
        at += size;
    }
    return true;
}

void key_cache_put(struct key_cache *cache, const uint8_t hash[DIGEST_LEN], const struct principal *known,
                   int64_t expires_us, uint64_t generation)
{
    pthread_mutex_lock(&cache->lock);
    if (generation == cache->generation) {
        struct entry *entry = find_room(cache, hash);
        bool fits = !known || keep_principal(entry, known);
        memcpy(entry->hash, hash, DIGEST_LEN);
        entry->is_known = known != NULL;
        entry->expires_us = expires_us;
        entry->until_mono_us = fits ? clock_mono_us() + (known ? KNOWN_LIFE_US : REFUSE_LIFE_US) : 0;
    }
    pthread_mutex_unlock(&cache->lock);
}

uint64_t key_cache_generation(struct key_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    uint64_t generation = cache->generation;
    pthread_mutex_unlock(&cache->lock);
    return generation;
}

void key_cache_clear(struct key_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    cache->generation++;
    for (size_t i = 0; i < SETS; i++)
        for (size_t way = 0; way < WAYS; way++)
            cache->sets[i][way].until_mono_us = 0;
    pthread_mutex_unlock(&cache->lock);
}

/* Counts of connections, in all and by address. Not a rate limit (ratelimit.c): it knows nothing of requests.
 */
#include "admission.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define BUCKETS 4096 /* a power of two */

struct visitor {
    struct visitor *next;
    uint64_t address;
    unsigned connections;
};

struct admission {
    atomic_uint count;
    unsigned most, most_per_address;
    pthread_mutex_t lock; /* for the buckets */
    struct visitor *buckets[BUCKETS];
};

struct admission *admission_new(unsigned connections, unsigned per_address)
{
    struct admission *admission = calloc(1, sizeof *admission);
    if (!admission)
        abort();
    admission->most = connections;
    admission->most_per_address = per_address;
    pthread_mutex_init(&admission->lock, NULL);
    return admission;
}

void admission_free(struct admission *admission)
{
    if (!admission)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (admission->buckets[i]) {
            struct visitor *visitor = admission->buckets[i];
            admission->buckets[i] = visitor->next;
            free(visitor);
        }
    pthread_mutex_destroy(&admission->lock);
    free(admission);
}

/* The place that points to the visitor, or to the end of its chain. */
static struct visitor **find_visitor(struct admission *admission, uint64_t address)
{
    size_t bucket = (size_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 52) & (BUCKETS - 1);
    struct visitor **place = &admission->buckets[bucket];
    while (*place && (*place)->address != address)
        place = &(*place)->next;
    return place;
}

static uint64_t address_key(struct slice address)
{
    uint64_t key = 0;
    memcpy(&key, address.data, address.len < sizeof key ? address.len : sizeof key);
    return key;
}

static unsigned count_visitor(struct admission *admission, uint64_t address)
{
    pthread_mutex_lock(&admission->lock);
    struct visitor **place = find_visitor(admission, address);
    if (!*place) {
        *place = calloc(1, sizeof **place);
        if (!*place)
            abort();
        (*place)->address = address;
    }
    unsigned connections = ++(*place)->connections;
    pthread_mutex_unlock(&admission->lock);
    return connections;
}

static void uncount_visitor(struct admission *admission, uint64_t address)
{
    pthread_mutex_lock(&admission->lock);
    struct visitor **place = find_visitor(admission, address), *visitor = *place;
    if (visitor && --visitor->connections == 0) {
        *place = visitor->next;
        free(visitor);
    }
    pthread_mutex_unlock(&admission->lock);
}

enum admission_verdict admission_enter(struct admission *admission, struct slice address)
{
    unsigned count = atomic_fetch_add_explicit(&admission->count, 1, memory_order_relaxed) + 1;
    bool is_crowding = admission->most_per_address > 0 && address.len > 0 &&
                       count_visitor(admission, address_key(address)) > admission->most_per_address;
    if (count > admission->most + ADMISSION_HEADROOM)
        return ADMISSION_DROPPED;
    return count > admission->most || is_crowding ? ADMISSION_REFUSED : ADMISSION_GRANTED;
}

void admission_leave(struct admission *admission, struct slice address)
{
    atomic_fetch_sub_explicit(&admission->count, 1, memory_order_relaxed);
    if (admission->most_per_address > 0 && address.len > 0)
        uncount_visitor(admission, address_key(address));
}

unsigned admission_count(const struct admission *admission)
{
    return atomic_load_explicit(&admission->count, memory_order_relaxed);
}

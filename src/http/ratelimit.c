/* Rate limits. A bucket is one number, the theoretical arrival time (tat): each request moves it one interval
 * ahead, and whoever is further ahead of now than the burst allows is refused. A tat in the past is a full
 * bucket, the same as no entry, so entries need no clearing away.
 *
 * Which bucket a request belongs to is the gate's business. */
#include "ratelimit.h"

#include "base/crypto.h"
#include "siphash.h"

#include <pthread.h>
#include <stdlib.h>

#define WAYS    4
#define SETS    16384
#define LOCKS   64
#define WHO_MAX 32

struct slot {
    uint64_t tag; /* the whole hash; 0: free */
    int64_t tat_us;
};

struct ratelimit {
    struct siphash_key key;
    struct {
        int64_t interval_us, burst;
    } rates[RATE_COUNT];
    pthread_mutex_t locks[LOCKS];
    struct slot slots[SETS][WAYS];
};

struct ratelimit *ratelimit_new(const int64_t per_minute[RATE_COUNT])
{
    struct ratelimit *limits = calloc(1, sizeof *limits);
    if (!limits)
        abort();
    crypto_random(&limits->key, sizeof limits->key);
    for (size_t i = 0; i < RATE_COUNT; i++) {
        limits->rates[i].interval_us = per_minute[i] < 60000000 ? 60000000 / per_minute[i] : 1;
        limits->rates[i].burst = per_minute[i] < 4 ? 1 : per_minute[i] / 4;
    }
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_init(&limits->locks[i], NULL);
    return limits;
}

void ratelimit_free(struct ratelimit *limits)
{
    if (!limits)
        return;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&limits->locks[i]);
    free(limits);
}

struct slice ratelimit_network(struct slice address)
{
    static const char mapped[12] = {[10] = '\xff', [11] = '\xff'}; /* ::ffff:a.b.c.d */
    if (address.len != 16)
        return address;
    if (memcmp(address.data, mapped, sizeof mapped) == 0)
        return (struct slice){address.data + 12, 4};
    return (struct slice){address.data, 8};
}

static uint64_t tag_of(const struct ratelimit *limits, enum rate rate, struct slice who)
{
    char text[1 + WHO_MAX] = {(char)rate};
    size_t len = who.len < WHO_MAX ? who.len : WHO_MAX;
    if (len > 0)
        memcpy(text + 1, who.data, len);
    uint64_t tag = siphash(limits->key, (struct slice){text, 1 + len});
    return tag ? tag : 1;
}

/* The slot of `tag`, or else the one whose bucket is fullest. */
static struct slot *find_slot(struct slot set[WAYS], uint64_t tag)
{
    struct slot *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].tag == tag)
            return &set[i];
        if (set[i].tat_us < oldest->tat_us)
            oldest = &set[i];
    }
    return oldest;
}

static unsigned seconds_up(int64_t us)
{
    return (unsigned)((us + 999999) / 1000000);
}

static struct rate_verdict judge(struct ratelimit *limits, enum rate rate, struct slice who, int64_t now_us,
                                 bool is_taking)
{
    int64_t interval = limits->rates[rate].interval_us, burst = limits->rates[rate].burst;
    uint64_t tag = tag_of(limits, rate, who);
    size_t index = tag % SETS;
    pthread_mutex_t *lock = &limits->locks[index % LOCKS];

    pthread_mutex_lock(lock);
    struct slot *slot = find_slot(limits->slots[index], tag);
    int64_t ahead = slot->tag == tag && slot->tat_us > now_us ? slot->tat_us - now_us : 0;
    int64_t excess = ahead - interval * (burst - 1);
    bool is_allowed = excess <= 0;
    if (is_allowed && is_taking) {
        ahead += interval;
        *slot = (struct slot){tag, now_us + ahead};
    }
    pthread_mutex_unlock(lock);

    int64_t remaining = (interval * burst - ahead) / interval;
    return (struct rate_verdict){
        .is_allowed = is_allowed,
        .limit = (unsigned)burst,
        .remaining = remaining > 0 ? (unsigned)remaining : 0,
        .reset_s = seconds_up(ahead),
        .retry_s = is_allowed ? 0 : seconds_up(excess),
    };
}

struct rate_verdict ratelimit_take(struct ratelimit *limits, enum rate rate, struct slice who,
                                   int64_t now_mono_us)
{
    return judge(limits, rate, who, now_mono_us, true);
}

struct rate_verdict ratelimit_look(struct ratelimit *limits, enum rate rate, struct slice who,
                                   int64_t now_mono_us)
{
    return judge(limits, rate, who, now_mono_us, false);
}

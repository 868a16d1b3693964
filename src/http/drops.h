/* What this loop's writes made stale, on its way to the other processes: gathered, and told at most every 50
 * ms by one notification outside of any write's transaction. */
#ifndef DROPS_H
#define DROPS_H

#include "base/buffer.h"
#include "db/db.h"

struct shared;
struct engine;

#define DROPS_CHANNEL "mosharekat_cache"
#define DROPS_MAX     64
#define SLUG_MAX      64

struct drops {
    struct {
        char org[SLUG_MAX + 1]; /* "": all organisations */
        uint64_t tags;
    } items[DROPS_MAX];
    size_t count;
    bool is_everything; /* there were too many to list */
    bool is_under_way;
    int64_t next_ms; /* not before */
    struct db_job job;
    struct buffer payload;
};

void drops_init(struct drops *drops);
void drops_done(struct drops *drops);

/* Makes answers stale in this process at once, and remembers to tell the others. */
void drops_add(struct engine *engine, const char *org, uint64_t tags);
/* Sends what is due. Returns when it wants to be called again (monotonic ms). */
int64_t drops_turn(struct engine *engine, int64_t now_ms);

/* The payload, "instance;org:tag,org:tag" or "instance;*". */
void drops_write(const struct drops *drops, const char *instance, struct buffer *out);
/* A notification of another process; one's own is passed over. */
void drops_heard(struct shared *shared, struct slice payload);

#endif

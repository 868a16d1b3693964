/* The engine's own conversation with the database: the heartbeat (clock, readiness), notifications, and the
 * registry's reload. */
#ifndef PULSE_H
#define PULSE_H

#include "db/db.h"

struct engine;

struct pulse {
    struct db_job beat, reload;
    bool is_beating, is_reloading; /* under way */
    bool is_registry_stale;
    bool is_link_new; /* notifications may have been missed: forget what was learnt */
    uint64_t reconnects;
    int64_t sent_us, beat_at_ms, reload_at_ms;
    _Atomic int64_t heard_ms; /* the last answer; 0: none, or the last one was a failure */
};

/* Channels that the first engine listens to, for struct db_config. */
extern const char *const pulse_channels[];
void pulse_notified(void *engine, const char *channel, const char *payload);

void pulse_init(struct pulse *pulse);
/* Sends what is due. Returns when it wants to be called again (monotonic ms). */
int64_t pulse_turn(struct engine *engine, int64_t now_ms);
/* The database answered within three heartbeats. From any thread. */
bool pulse_is_felt(const struct engine *engine);

#endif

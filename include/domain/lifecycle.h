/* Lifecycles: rows of one table (src/domain/lifecycle.c), the source of every transition that the API allows.
 */
#ifndef DOMAIN_LIFECYCLE_H
#define DOMAIN_LIFECYCLE_H

#include "base/arena.h"
#include "domain/policy.h"

enum thing {
    THING_DRAFT,
    THING_COMMENT,
    THING_COMPLAINT,
    THING_MESSAGE,
    THING_INFO_REQUEST,
    THING_SUGGESTION,
    THING_SURVEY,
    THING_SESSION,
    THING_COUNT
};

/* Instead of a permission: whoever has the tracking code. No role can hold it. */
#define PERMISSION_CITIZEN PERMISSION_COUNT

struct transition {
    enum thing thing;
    const char *from, *to;      /* stored states */
    enum permission permission; /* or PERMISSION_CITIZEN */
    bool is_reason_needed;      /* a text that the citizen may read */
};

extern const struct transition lifecycle_transitions[];
extern const size_t lifecycle_transition_count;

/* Statements judge a transition by maps, JSON objects from a state to the states that follow it: what the
 * lifecycle knows of staff, what the caller may do, and what needs a reason. E.g.
 * {"preparing":["published","withdrawn"],"approved":["sent"]}. In the arena. */
struct slice lifecycle_known(struct arena *arena, enum thing thing);
struct slice lifecycle_permitted(struct arena *arena, enum thing thing, uint64_t permissions);
struct slice lifecycle_reasons(struct arena *arena, enum thing thing);

/* Whether the citizen may take a thing from one state to another; the first state that they may take it to,
 * NULL if there is none. */
bool lifecycle_citizen_may(enum thing thing, struct slice from, const char *to);
const char *lifecycle_citizen_next(enum thing thing, struct slice from);

#endif

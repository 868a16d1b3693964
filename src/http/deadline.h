/* The deadlines of a loop's connections, one sorted list for each phase.
 *
 * Within a phase all last equally long, so a new deadline belongs at the end of its list and everything is
 * O(1); the rare one that does not (an answer whose body took its time) walks back a little. */
#ifndef DEADLINE_H
#define DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

enum phase {
    PHASE_IDLE,   /* no request line yet */
    PHASE_HEADER, /* the request line is there, the end of the head is not */
    PHASE_BODY,
    PHASE_ANSWER, /* up to the last byte of the answer; not while waiting for the database */
    PHASE_COUNT
};
extern const char *const phase_names[PHASE_COUNT];

struct deadline {
    struct deadline *previous, *next; /* NULL: not set */
    enum phase phase;
    int64_t at_ms;
};

struct deadlines {
    struct deadline lists[PHASE_COUNT]; /* heads of rings, the earliest first */
};

void deadlines_init(struct deadlines *deadlines);
/* The earliest of all, INT64_MAX if there is none. */
int64_t deadlines_next(const struct deadlines *deadlines);
/* Takes one that has passed off its list; NULL when there is none. */
struct deadline *deadlines_take(struct deadlines *deadlines, int64_t now_ms);
/* The next member of a phase behind `deadline`; the first for NULL; NULL at the end. */
struct deadline *deadlines_walk(struct deadlines *deadlines, enum phase phase, struct deadline *deadline);

/* Sets or moves. A deadline is zeroed memory before its first use. */
void deadline_set(struct deadlines *deadlines, struct deadline *deadline, enum phase phase, int64_t at_ms);
void deadline_clear(struct deadline *deadline);

#endif

/* Rings of deadlines (deadline.h). Knows neither connections nor what happens when one passes. */
#include "deadline.h"

#include <stddef.h>

const char *const phase_names[PHASE_COUNT] = {
    [PHASE_IDLE] = "idle",
    [PHASE_HEADER] = "header",
    [PHASE_BODY] = "body",
    [PHASE_ANSWER] = "answer",
};

void deadlines_init(struct deadlines *deadlines)
{
    for (enum phase phase = 0; phase < PHASE_COUNT; phase++) {
        struct deadline *list = &deadlines->lists[phase];
        list->previous = list->next = list;
    }
}

int64_t deadlines_next(const struct deadlines *deadlines)
{
    int64_t next_ms = INT64_MAX;
    for (enum phase phase = 0; phase < PHASE_COUNT; phase++) {
        const struct deadline *list = &deadlines->lists[phase];
        if (list->next != list && list->next->at_ms < next_ms)
            next_ms = list->next->at_ms;
    }
    return next_ms;
}

struct deadline *deadlines_take(struct deadlines *deadlines, int64_t now_ms)
{
    for (enum phase phase = 0; phase < PHASE_COUNT; phase++) {
        struct deadline *list = &deadlines->lists[phase], *first = list->next;
        if (first != list && first->at_ms <= now_ms) {
            deadline_clear(first);
            return first;
        }
    }
    return NULL;
}

struct deadline *deadlines_walk(struct deadlines *deadlines, enum phase phase, struct deadline *deadline)
{
    struct deadline *list = &deadlines->lists[phase];
    struct deadline *next = deadline ? deadline->next : list->next;
    return next == list ? NULL : next;
}

void deadline_set(struct deadlines *deadlines, struct deadline *deadline, enum phase phase, int64_t at_ms)
{
    deadline_clear(deadline);
    struct deadline *list = &deadlines->lists[phase], *before = list->previous;
    while (before != list && before->at_ms > at_ms)
        before = before->previous;

    *deadline = (struct deadline){before, before->next, phase, at_ms};
    before->next->previous = deadline;
    before->next = deadline;
}

void deadline_clear(struct deadline *deadline)
{
    if (!deadline->next)
        return;
    deadline->previous->next = deadline->next;
    deadline->next->previous = deadline->previous;
    deadline->previous = deadline->next = NULL;
}

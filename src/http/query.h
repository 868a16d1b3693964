/* The raw query string, pair by pair. */
#ifndef QUERY_H
#define QUERY_H

#include "base/arena.h"
#include "base/macros.h"

struct query_pair {
    struct slice raw, name, value; /* all as they came; without "=", the value is empty */
};

/* Takes the next pair off `rest`; empty ones ("&&") are skipped. False at the end. */
MUST_USE bool query_next(struct slice *rest, struct query_pair *ret);

/* Percent-decodes into the arena (`s` itself when there is nothing to decode). False on a broken escape, an
 * encoded NUL, or bytes that are not UTF-8. `plus_is_blank` for queries, not for paths. */
MUST_USE bool query_decode(struct arena *arena, struct slice s, bool plus_is_blank, struct slice *ret);

#endif

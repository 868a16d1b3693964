/* What the two sides of the citizen's door share: comments in track.c, cases in case_track.c. */
#ifndef TRACK_H
#define TRACK_H

#include "cases.h"

struct param as_code_hash(struct request *req);
/* The event's id, of caller, Idempotency-Key and code. */
struct param as_event_id(struct request *req);
/* Whether the row of track_case or track_basis speaks of a comment. */
bool track_is_comment(const struct rows *rows);
/* The answer of GET /v1/track, after what a write did. */
struct reply track_show(struct request *req, const struct rows *rows);
/* The case of a row of track_case, with what the citizen may still do. */
struct reply case_tracked(struct request *req, const struct rows *rows);
/* Goes on with a row of track_basis. */
struct reply case_withdraw(struct request *req, const struct rows *rows);

#endif

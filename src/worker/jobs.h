/* Jobs of the worker that need more than their pass statement (worker.c tells what that is). */
#ifndef WORKER_JOBS_H
#define WORKER_JOBS_H

#include "db/session.h"

/* Goes on from the row that the pass statement returned. Adds to `done` what it did, so that the job runs
 * again at once; what fails is done again by the next pass. */
typedef enum db_outcome job_follow(struct session *session, const struct rows *rows, int64_t *done);

/* Open deadlines of an organisation whose calendar changed (recompute_pass). */
MUST_USE enum db_outcome recompute_deadlines(struct session *session, const struct rows *rows, int64_t *done);

#endif

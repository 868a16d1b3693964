/* Jobs of the worker that need more than their pass statement (worker.c tells what that is). */
#ifndef WORKER_JOBS_H
#define WORKER_JOBS_H

#include "base/settings.h"
#include "db/session.h"

struct hand;

/* What a job works with. */
struct job_context {
    struct session *session;
    const struct settings *settings;
    struct hand *hand; /* whose thread this is */
};

/* Whether the worker is asked to stop: what takes long looks at this. Thread-safe. */
bool worker_is_stopping(const struct hand *hand);

/* Gives each other job of the same hand whose instant has come a pass: called between two batches by a job that
 * has many, so that none of them waits for more than one. Only in the hand's thread. */
void worker_let_others(struct hand *hand);

#define JOB_PARAMS_MAX 4

/* The parameters of the pass statement, from the settings. Returns how many. */
typedef unsigned job_params(const struct settings *settings, struct param ret[JOB_PARAMS_MAX]);

/* Goes on from the row that the pass statement returned. Adds to `done` what it did, so that the job runs
 * again at once; what fails is done again by the next pass. */
typedef enum db_outcome job_follow(const struct job_context *context, const struct rows *rows, int64_t *done);

/* Open deadlines of an organisation whose calendar changed (recompute_pass). */
MUST_USE enum db_outcome recompute_deadlines(const struct job_context *context, const struct rows *rows,
                                             int64_t *done);

/* The units of an organisation that was not looked at today (reminders_pass). */
MUST_USE enum db_outcome reminders_tell(const struct job_context *context, const struct rows *rows,
                                        int64_t *done);

/* The key set of the identity provider, when it is time to fetch it (identity_pass). */
MUST_USE enum db_outcome identity_keys_look(const struct job_context *context, const struct rows *rows,
                                            int64_t *done);

/* --- attachments.c ----------------------------------------------------------------------------- */

/* Removes the content of uploads that nobody claimed, where no other row has it (orphans_pass). */
MUST_USE enum db_outcome attachments_forget(const struct job_context *context, const struct rows *rows,
                                            int64_t *done);
/* Removes content of one part of the store that no row has: what a crash left (sweep_pass). */
MUST_USE enum db_outcome attachments_sweep(const struct job_context *context, const struct rows *rows,
                                           int64_t *done);
/* Shows what waits to the virus scanner (scan_pass). */
MUST_USE enum db_outcome attachments_scan(const struct job_context *context, const struct rows *rows,
                                          int64_t *done);

/* As many changes as a pass over the figures may take, for it to be a short one; learns from how long the
 * last one took (stats_pass). */
unsigned stats_pass_params(const struct settings *settings, struct param ret[JOB_PARAMS_MAX]);
MUST_USE enum db_outcome stats_pace(const struct job_context *context, const struct rows *rows,
                                    int64_t *done);

/* Pages of results of a survey whose responses were taken in (results_pass). */
MUST_USE enum db_outcome results_make(const struct job_context *context, const struct rows *rows,
                                      int64_t *done);

#endif

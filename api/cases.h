/* What the files about cases share. Four doors (complaints, messages, information requests, suggestions) lead
 * to one engine: the kind follows from the path of the operation. */
#ifndef CASES_H
#define CASES_H

#include "handlers.h"

#include "base/buffer.h"
#include "domain/deadline.h"

struct case_door {
    const char *segment; /* of the path */
    enum case_kind kind;
    enum thing thing;
    const char *initial;  /* state */
    const char *routed;   /* state, where the service that it is about says which unit it goes to */
    const char *person;   /* member of the body that names who files */
    uint64_t work, reply; /* who has one of these bits may note and amend; may write to the citizen */
};

const struct case_door *case_door_of(const struct request *req);
const struct case_door *case_door_named(struct slice kind); /* NULL: another kind */
struct param as_case_kind(const struct case_door *door);
bool case_may(const struct request *req, uint64_t any_of);
/* Confidential cases are for holders of case.confidential. */
struct param as_confidential(const struct request *req);
/* The ids under the body's `attachments`, as uuid[]. */
struct param as_attachments(struct request *req);
/* The tracking code of a case as a member of the answer, and what of it is stored. */
struct case_code {
    struct slice member;
    struct param hash;
};
struct case_code case_code(struct request *req, struct uuid id);
struct slice case_code_member(struct request *req, struct uuid id);

/* --- terms: by when, and which steps on the way (case_terms.c) --- */

/* By when a case is to be answered. */
struct case_terms {
    struct date received_on; /* day zero */
    int working_days;        /* 0: no promise, and nothing below */
    struct deadline deadline;
    int64_t steps[LADDER_STEPS_MAX]; /* instants at which the ladder's steps are due, rising */
    size_t step_count;
};

/* A calendar that has no working day to count gives no deadline (and a line in the log): nobody is turned
 * away. */
void case_terms_of(const struct org *org, const char *county, struct date received_on, int working_days,
                   struct case_terms *ret);
struct param as_working_days(const struct case_terms *terms);
struct param as_due_on(const struct case_terms *terms);
struct param as_due_at(const struct case_terms *terms);
struct param as_steps(struct request *req, const struct case_terms *terms);
/* The same as the text of an array, for a statement of many rows. */
struct param as_steps_text(struct request *req, const struct case_terms *terms);
/* The day from which the citizen is told to follow up (S9), or NULL. */
struct param as_followup(const struct case_policy *policy, struct date received_on);

/* --- a case as it stands, read before it is changed, because days are counted in C --- */

struct case_basis {
    const struct case_door *door;
    const struct org *org;
    struct uuid id;
    struct slice stage; /* the lifecycle's rows lead on from it: case_stage() */
    const char *county;
    int row_version, working_days, paused_days, round;
    bool is_running, is_answered, is_paused;
    struct date received_on, due_on; /* due_on: if working_days */
    int64_t paused_us, answered_us;
};

/* From the columns of the SQL function case_basis(). `org` NULL: the row's `_org` names it. */
void case_basis_read(struct request *req, const struct org *org, const struct rows *rows,
                     struct case_basis *ret);
/* Only what its deadline is explained from: org, county, working_days, received_on, due_on. */
void case_promise_read(struct request *req, const struct org *org, const struct rows *rows,
                       struct case_basis *ret);
/* Working days since day zero, and how many of those the clock stood. */
int case_days(const struct request *req, const struct case_basis *basis);
int case_days_paused(const struct request *req, const struct case_basis *basis);
/* The terms after a pause; of a new round that begins today; in another county. */
void case_terms_resumed(const struct request *req, const struct case_basis *basis, struct case_terms *ret);
void case_terms_anew(const struct request *req, const struct case_basis *basis, struct case_terms *ret);
void case_terms_moved(const struct request *req, const struct case_basis *basis, const char *county,
                      struct case_terms *ret);

/* --- answers (case_shown.c) --- */

/* The case of the path as staff see it, after what a write did (whose rows say whether it was a repetition).
 */
struct reply case_show(struct request *req, const struct rows *rows);
/* One row of case_get or track_case as the body, with the deadline explained day by day; `more` are further members
 * (",\"a\":1"). As text: in the arena, data NULL when it is too long. */
struct reply case_reply(struct request *req, const struct org *org, const struct rows *rows,
                        const char *more);
struct slice case_object(struct request *req, const struct org *org, const struct rows *rows,
                         const char *more);

#endif

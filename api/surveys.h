/* What the files about surveys share: the faults of definitions and answers, and compiled definitions at
 * hand. */
#ifndef SURVEYS_H
#define SURVEYS_H

#include "domain/survey.h"
#include "handlers.h"

/* Compiles the questions of the body; false and the refusal, with every fault, in `*ret_reply`. What is
 * compiled is thrown away: it was asked for the faults only. `*ret_text` is the questions as JSON. */
MUST_USE bool survey_questions_check(struct request *req, struct slice *ret_text, struct reply *ret_reply);
/* The refusal of answers with faults; false when there are none. */
MUST_USE bool survey_answers_refuse(struct request *req, const struct survey *survey,
                                    struct reply *ret_reply);

/* Compiles stored questions; false (and a line in the log) when they are none, which never happens. */
MUST_USE bool survey_definition_read(struct request *req, struct slice questions, struct survey **ret);

/* What a response is held against. */
struct survey_definition {
    struct uuid survey_id, org_id;
    int64_t version;
    bool is_anonymised;
    char mode[16]; /* open, device, link or identity */
    struct survey *survey;
};

/* Definitions that were answered lately, for all loops: a survey's mode and the questions of a version never
 * change once it was scheduled, so an entry is never wrong, only left out for another. Thread-safe. */
const struct survey_definition *survey_definition_find(struct uuid survey_id, int64_t version);
/* Takes `survey`. Both give a reference: give it back when the answers are checked. */
const struct survey_definition *survey_definition_keep(const struct survey_definition *definition);
void survey_definition_release(const struct survey_definition *definition);

#endif

/* The results of a survey from its roll-ups: what each question got, what may be shown of it (domain/disclosure.h), and
 * what follows from the shown numbers. Only counts are protected; every share, mean and median is computed from counts
 * that are shown, so none of them can tell more.
 *
 * What is not a group of its own: how many did not answer a question that they could leave out. And what is not broken
 * down: questions that only some are asked, for who knows the condition knows where the zeroes are. */
#ifndef DOMAIN_RESULTS_H
#define DOMAIN_RESULTS_H

#include "base/arena.h"
#include "base/buffer.h"

#include <jansson.h>

#define RESULTS_BY_MAX                                                                                       \
    5 /* the first single-choice questions of a version: results are broken down by these */
#define RESULTS_BY_OPTIONS 20 /* with at most so many options */

struct results;

/* `versions`: [[n, questions], ...], the newest first. `tallies`: [[version, question, cell, by_question, by_cell, n],
 * ...] as survey_roll() of the migrations keeps them. `k`: the smallest group that is shown. All must outlive the
 * results, which are in `arena`. */
struct results *results_new(struct arena *arena, const json_t *versions, const json_t *tallies, int64_t k);

/* How many questions results can be broken down by, and their ids. */
size_t results_by_count(const struct results *results);
const char *results_by_id(const struct results *results, size_t index);

/* {"responses", "by", "questions"}: the contract's SurveyResults but for what the survey says itself. `by`: an id of
 * results_by_id(), or NULL. */
void results_write(const struct results *results, const char *by, struct buffer *out);

#endif

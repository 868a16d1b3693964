/* The survey of satisfaction that follows an answered case (I19, S1): offered to whoever has the tracking code,
 * answered once. Its one-time token is made of the case and needs no row: it proves itself. */
#ifndef SURVEY_OFFER_H
#define SURVEY_OFFER_H

#include "handlers.h"

/* A row of track_case with a `_survey_id` as the body, with the offer as long as the survey was not answered;
 * `choices` are further members (",\"a\":1"). */
struct reply survey_offer(struct request *req, const struct rows *rows, const char *choices);
/* Whether `token` was made of some case for this survey. */
bool survey_token_is_of_case(const struct request *req, struct uuid survey, struct slice token);

#endif

/* The survey of satisfaction that follows an answered case (I19, S1): offered to whoever has the tracking code,
 * answered once. Its one-time token is made of the case and needs no row: it proves itself. */
#ifndef SURVEY_OFFER_H
#define SURVEY_OFFER_H

#include "handlers.h"

/* The offer of a survey to whoever has the code of a case, as a member of the body beside `members`; null once the
 * survey was answered. */
struct reply survey_offer(struct request *req, struct uuid survey, struct uuid case_id, struct slice members);
/* Whether `token` was made of some case for this survey. */
bool survey_token_is_of_case(const struct request *req, struct uuid survey, struct slice token);

#endif

/* Who does what a person may do once: supports a suggestion, answers a survey. What is stored is a keyed hash
 * that differs from one thing to the next, so that nobody can tell what else the same person took part in. */
#ifndef VOTER_H
#define VOTER_H

#include "handlers.h"

/* Of the header Device-Token, a random text that a client makes once and keeps; NULL where there is none.
 * `scope` is the thing that is done once. 16 bytes. */
struct param as_device(struct request *req, struct uuid scope);
/* Of the verified citizen who asks; NULL where nobody is verified. 16 bytes. */
struct param as_identity(struct request *req, struct uuid scope);
/* Of a one-time link's token; NULL where `token` has no data. 16 bytes. */
struct param as_link(struct request *req, struct uuid scope, struct slice token);

#endif

/* The registry of organisations in use: handed out with a reference, replaced as a whole. */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "domain/policy.h"

struct registry_holder;

struct registry_holder *registry_holder_new(struct registry *registry); /* takes the reference */
void registry_holder_free(struct registry_holder *holder);              /* accepts NULL */

/* The present one; the caller owns a reference. Thread-safe. */
struct registry *registry_current(struct registry_holder *holder);
void registry_replace(struct registry_holder *holder, struct registry *registry); /* takes the reference */

#endif

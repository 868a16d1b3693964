/* What is offered: every operation of the contract bound to its handler (api/operations.def). */
#ifndef API_API_H
#define API_API_H

#include "http/reply.h"

extern const struct binding api_bindings[]; /* ended by a NULL id */

#endif

/* The parameters that an operation declares, read from path, query and headers into exchange->parameters,
 * typed and validated, defaults filled in. */
#ifndef PARAMETERS_H
#define PARAMETERS_H

#include "exchange.h"

/* The index of a declared parameter, or -1. Header names are compared without case. */
int parameters_find(const struct operation *operation, enum parameter_in in, struct slice name);

/* False when a part of the path does not fit its schema: there is nothing at such an address. */
MUST_USE bool parameters_read_path(struct exchange *exchange);
/* Query and headers; adds every fault. */
void parameters_read_rest(struct exchange *exchange, struct faults *faults);
/* A declared header parameter was sent (known before anything was read). */
bool parameters_has_header(const struct exchange *exchange);

/* What a cursor of this list hangs on: operation, path and all query parameters but `cursor` and `limit`. */
struct slice parameters_scope(const struct exchange *exchange, struct arena *arena);

#endif

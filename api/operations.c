/* The one list that binds the contract's operations to their handlers. */
#include "handlers.h"

#include "api/api.h"

#define OPERATION(operation_id, handler) {#operation_id, handler},
const struct binding api_bindings[] = {
#include "operations.def"
    {NULL, NULL},
};
#undef OPERATION

/* The parts of an operation, each compiled from its node into `operation`. False after compile_fail(). */
#ifndef CONTRACT_OPERATION_H
#define CONTRACT_OPERATION_H

#include "compile.h"

/* `node` is the operation, `path_item` the map around it. operation->path and ->method are set. */
MUST_USE bool operation_compile(struct compiler *compiler, const struct node *path_item,
                                const struct node *node, struct operation *operation);
MUST_USE bool operation_compile_parameters(struct compiler *compiler, const struct node *path_item,
                                           const struct node *node, struct operation *operation);
MUST_USE bool operation_compile_body(struct compiler *compiler, const struct node *node,
                                     struct operation *operation);
MUST_USE bool operation_compile_responses(struct compiler *compiler, const struct node *node,
                                          struct operation *operation);
/* security: who may call it. */
MUST_USE bool operation_compile_access(struct compiler *compiler, const struct node *node,
                                       struct operation *operation);
/* x-rate, x-cache, x-drops, x-body-max. */
MUST_USE bool operation_compile_policy(struct compiler *compiler, const struct node *node,
                                       struct operation *operation);

/* The first or next {name} of a path, from `*at` on; false when there is none. */
bool path_next_name(const char **at, struct slice *ret_name);
/* "/", or segments of plain characters and whole {names}, at most ROUTE_VALUES_MAX of these. */
MUST_USE bool path_check(struct compiler *compiler, const struct node *path_item);

#endif

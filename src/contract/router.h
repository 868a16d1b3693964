/* Paths as a tree of segments. Built once, then only read; matching allocates nothing. */
#ifndef CONTRACT_ROUTER_H
#define CONTRACT_ROUTER_H

#include "base/arena.h"
#include "contract/contract.h"

struct route_node;

/* An empty router. */
struct route_node *router_new(struct arena *arena);
/* The place of a path ("/orgs/{org}"), made where it is missing. `path` is kept. */
struct route_node *router_add_path(struct arena *arena, struct route_node *root, const char *path);
/* The path that this place was given first: another one means that both have the same shape. */
const char *router_path(const struct route_node *place);
void router_add_operation(struct route_node *place, const struct operation *operation);

enum route_result router_match(const struct route_node *root, enum http_method method, struct slice path,
                               struct route_match *ret);

#endif

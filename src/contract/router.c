/* The router: one node per segment, parameters apart from static ones. A path is tried along the static child
 * first and, where that leads nowhere, along the parameter, so that /a/{x}/b and /a/c/d may live together. A
 * node is met at most once per match, because its depth is its place in the path. */
#include "router.h"

struct route_node {
    struct slice segment;
    struct route_node *next;      /* sibling */
    struct route_node *children;  /* static ones */
    struct route_node *parameter; /* {anything} */
    const char *path;             /* NULL: only a way to others */
    const struct operation *operations[METHOD_COUNT];
    unsigned allowed;
};

struct route_node *router_new(struct arena *arena)
{
    return arena_alloc(arena, sizeof(struct route_node));
}

const char *router_path(const struct route_node *place)
{
    return place->path;
}

/* Takes the first segment of `*rest`, which begins with its slash; false at the end of the path. */
static bool next_segment(struct slice *rest, struct slice *ret_segment)
{
    if (rest->len == 0)
        return false;
    const char *start = rest->data + 1;
    const char *slash = memchr(start, '/', rest->len - 1);
    size_t len = slash ? (size_t)(slash - start) : rest->len - 1;

    *ret_segment = (struct slice){start, len};
    *rest = (struct slice){start + len, rest->len - 1 - len};
    return true;
}

static struct route_node *find_child(const struct route_node *node, struct slice segment)
{
    struct route_node *child = node->children;

    while (child && !slice_equal(child->segment, segment))
        child = child->next;
    return child;
}

static struct route_node *add_child(struct arena *arena, struct route_node *node, struct slice segment)
{
    bool is_parameter = segment.len > 0 && segment.data[0] == '{';
    struct route_node *child = is_parameter ? node->parameter : find_child(node, segment);

    if (child)
        return child;
    child = router_new(arena);
    child->segment = segment;
    if (is_parameter) {
        node->parameter = child;
    } else {
        child->next = node->children;
        node->children = child;
    }
    return child;
}

struct route_node *router_add_path(struct arena *arena, struct route_node *root, const char *path)
{
    struct slice rest = slice_of(path), segment;
    struct route_node *node = root;

    while (next_segment(&rest, &segment))
        node = add_child(arena, node, segment);
    if (!node->path)
        node->path = path;
    return node;
}

void router_add_operation(struct route_node *place, const struct operation *operation)
{
    place->operations[operation->method] = operation;
    place->allowed |= 1u << operation->method | 1u << METHOD_OPTIONS;
    if (operation->method == METHOD_GET) {
        place->operations[METHOD_HEAD] = operation;
        place->allowed |= 1u << METHOD_HEAD;
    }
}

/* `depth` counts the parameters so far. */
static const struct route_node *find(const struct route_node *node, struct slice rest, struct slice *values,
                                     size_t depth)
{
    struct slice segment;

    if (!next_segment(&rest, &segment))
        return node->path ? node : NULL;

    const struct route_node *child = find_child(node, segment);
    const struct route_node *found = child ? find(child, rest, values, depth) : NULL;
    if (found || !node->parameter || segment.len == 0 || depth == ROUTE_VALUES_MAX)
        return found;
    values[depth] = segment;
    found = find(node->parameter, rest, values, depth + 1);
    if (!found)
        values[depth] = (struct slice){0};
    return found;
}

enum route_result router_match(const struct route_node *root, enum http_method method, struct slice path,
                               struct route_match *ret)
{
    struct route_match match = {0};

    if (path.len == 0 || path.data[0] != '/')
        return ROUTE_NO_PATH;
    const struct route_node *place = find(root, path, match.values, 0);
    if (!place)
        return ROUTE_NO_PATH;
    match.operation = place->operations[method];
    match.allowed = place->allowed;
    *ret = match;
    return match.operation ? ROUTE_FOUND : ROUTE_NO_METHOD;
}

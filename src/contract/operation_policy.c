/* Who may call an operation, how often, and what the cache may keep of it: `security` and our x- members. */
#include "operation.h"

#define CACHE_SECONDS_MAX 86400
#define BITS_MAX          64

static bool find_name(struct compiler *compiler, const char *const *names, const struct node *node,
                      const char *what, unsigned *ret)
{
    const char *name = node_text(node);

    for (unsigned i = 0; name && names[i] && i < BITS_MAX; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = i;
            return true;
        }
    }
    return compile_fail(compiler, node->line, "there is no %s '%s'", what, name ? name : "(not a text)");
}

/* The bits of a list of names. */
static bool read_names(struct compiler *compiler, const char *const *names, const struct node *list,
                       const char *what, uint64_t *ret)
{
    uint64_t bits = 0;
    unsigned bit;

    if (list->kind != NODE_LIST)
        return compile_fail(compiler, list->line, "'%s' must be a list of names", list->key);
    for (const struct node *node = list->first; node; node = node->next) {
        if (!find_name(compiler, names, node, what, &bit))
            return false;
        bits |= UINT64_C(1) << bit;
    }
    *ret = bits;
    return true;
}

/* Who may call an operation, as one of its alternatives says; each may stand once. */
enum who { WHO_PUBLIC = 1, WHO_CITIZEN = 2, WHO_STAFF = 4, WHO_WRONG = 0 };

static enum who who_of(const struct node *node)
{
    const struct node *citizen = node_get(node, "citizen");
    if (node->count == 0)
        return WHO_PUBLIC;
    if (node->count > 1)
        return WHO_WRONG;
    if (citizen && citizen->kind == NODE_LIST && citizen->count == 0)
        return WHO_CITIZEN;
    return node_get(node, "staff") ? WHO_STAFF : WHO_WRONG;
}

/* {}, {citizen: []} or {staff: [permissions]}. */
static bool read_requirement(struct compiler *compiler, const struct node *node, unsigned *seen,
                             struct operation *operation)
{
    enum who who = node->kind == NODE_MAP ? who_of(node) : WHO_WRONG;
    if (who == WHO_WRONG || (*seen & who))
        return compile_fail(compiler, node->line,
                            "security may have one {}, one {citizen: []} and one {staff: [...]}");
    *seen |= who;
    operation->is_public = (*seen & WHO_PUBLIC) != 0;
    operation->is_for_citizens = (*seen & (WHO_PUBLIC | WHO_CITIZEN)) != 0;
    operation->is_for_staff = (*seen & WHO_STAFF) != 0;
    return who != WHO_STAFF || read_names(compiler, compiler->vocabulary->permissions,
                                          node_get(node, "staff"), "permission", &operation->permissions);
}

bool operation_compile_access(struct compiler *compiler, const struct node *node, struct operation *operation)
{
    const struct node *security = node_get(node, "security");
    unsigned seen = 0;

    if (!security || security->kind != NODE_LIST || security->count == 0)
        return compile_fail(compiler, security ? security->line : node->key_line, "security must be stated");
    for (const struct node *requirement = security->first; requirement; requirement = requirement->next) {
        if (!read_requirement(compiler, requirement, &seen, operation))
            return false;
    }
    return true;
}

static bool compile_cache(struct compiler *compiler, const struct node *node, struct operation *operation)
{
    static const char *const known[] = {"seconds", "tag", NULL};
    const struct node *seconds = node_get(node, "seconds"), *tag = node_get(node, "tag");
    size_t count;

    if (operation->method != METHOD_GET || !operation->is_public)
        return compile_fail(compiler, node->key_line, "x-cache is for a public GET");
    if (!compile_known_keys(compiler, node, known, "x-cache"))
        return false;
    if (!seconds || !tag)
        return compile_fail(compiler, node->line, "x-cache needs seconds and tag");
    if (!compile_count(compiler, seconds, &count))
        return false;
    if (count == 0 || count > CACHE_SECONDS_MAX)
        return compile_fail(compiler, seconds->line, "x-cache keeps for 1 to %d seconds", CACHE_SECONDS_MAX);
    operation->cache_seconds = (unsigned)count;
    return find_name(compiler, compiler->vocabulary->tags, tag, "tag", &operation->cache_tag);
}

static bool compile_drops(struct compiler *compiler, const struct node *node, struct operation *operation)
{
    if (operation->method == METHOD_GET)
        return compile_fail(compiler, node->key_line, "x-drops is for an operation that changes something");
    return read_names(compiler, compiler->vocabulary->tags, node, "tag", &operation->drops);
}

static bool compile_body_max(struct compiler *compiler, const struct node *node, struct operation *operation)
{
    if (!operation->body_media_type)
        return compile_fail(compiler, node->key_line, "x-body-max needs a requestBody");
    if (!compile_count(compiler, node, &operation->body_max))
        return false;
    return operation->body_max > 0 || compile_fail(compiler, node->line, "x-body-max must be more than 0");
}

bool operation_compile_policy(struct compiler *compiler, const struct node *node, struct operation *operation)
{
    const struct node *rate = node_get(node, "x-rate"), *cache = node_get(node, "x-cache");
    const struct node *drops = node_get(node, "x-drops"), *body_max = node_get(node, "x-body-max");

    if (!rate)
        return compile_fail(compiler, node->key_line, "'x-rate' is missing");
    return find_name(compiler, compiler->vocabulary->rates, rate, "rate", &operation->rate) &&
           (!cache || compile_cache(compiler, cache, operation)) &&
           (!drops || compile_drops(compiler, drops, operation)) &&
           (!body_max || compile_body_max(compiler, body_max, operation));
}

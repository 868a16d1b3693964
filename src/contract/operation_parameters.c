/* The parameters of an operation: those of its path and its own, in the order in which the path names them,
 * then the others. The {names} of a path and the declarations must agree. */
#include "operation.h"

#define PATH_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

static const char *const places[] = {[IN_PATH] = "path", [IN_QUERY] = "query", [IN_HEADER] = "header"};

struct parameter_set {
    struct parameter items[OPERATION_PARAMETERS_MAX];
    size_t count;
};

bool path_next_name(const char **at, struct slice *ret_name)
{
    const char *open = strchr(*at, '{');

    if (!open)
        return false;
    size_t len = strcspn(open + 1, "}");
    *ret_name = (struct slice){open + 1, len};
    *at = open + 1 + len;
    return true;
}

/* The length of one segment, 0 when it is wrong. */
static size_t segment_length(const char *segment)
{
    if (segment[0] != '{')
        return strspn(segment, PATH_CHARACTERS);
    size_t name = strspn(segment + 1, PATH_CHARACTERS);
    return name > 0 && segment[1 + name] == '}' ? name + 2 : 0;
}

bool path_check(struct compiler *compiler, const struct node *path_item)
{
    const char *path = path_item->key, *at = path;
    struct slice name;
    size_t names = 0;

    while (*at == '/' && (at[1] != '\0' || at == path)) {
        size_t len = segment_length(at + 1);
        if (len == 0 && strcmp(path, "/") != 0)
            break;
        at += 1 + len;
    }
    if (*at != '\0' || path[0] != '/')
        return compile_fail(compiler, path_item->key_line, "'%s' is no path: /words and /{names}", path);

    for (at = path; path_next_name(&at, &name);)
        names++;
    if (names > ROUTE_VALUES_MAX)
        return compile_fail(compiler, path_item->key_line, "a path may have %d parameters", ROUTE_VALUES_MAX);
    return true;
}

static bool read_place(struct compiler *compiler, const struct node *node, enum parameter_in *ret)
{
    const char *text = compile_text(compiler, node, "in");

    if (!text)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (strcmp(text, places[i]) == 0) {
            *ret = (enum parameter_in)i;
            return true;
        }
    }
    return compile_fail(compiler, node_get(node, "in")->line,
                        "a parameter is in path, query or header, not '%s'", text);
}

static bool is_list(const struct schema *schema)
{
    while (schema->target)
        schema = schema->target;
    return schema->types & TYPE_ARRAY;
}

/* A list is split at commas; in a query OpenAPI says otherwise unless told. */
static bool check_explode(struct compiler *compiler, const struct node *node,
                          const struct parameter *parameter)
{
    const struct node *explode = node_get(node, "explode");
    bool does_explode = parameter->in == IN_QUERY;

    if (explode && !compile_bool(compiler, explode, &does_explode))
        return false;
    if (is_list(parameter->schema) && does_explode)
        return compile_fail(compiler, node->line, "the list '%s' needs explode: false", parameter->name);
    return true;
}

static bool read_parameter(struct compiler *compiler, const struct node *node, struct parameter *ret)
{
    static const char *const known[] = {"name",       "in",      "description", "required", "schema",
                                        "deprecated", "example", "examples",    "explode",  NULL};
    const struct node *required = node_get(node, "required");
    struct node *schema = node_get(node, "schema");

    if (!compile_known_keys(compiler, node, known, "a parameter"))
        return false;
    ret->name = compile_text(compiler, node, "name");
    if (!ret->name || !read_place(compiler, node, &ret->in))
        return false;
    if (required && !compile_bool(compiler, required, &ret->is_required))
        return false;
    if (ret->in == IN_PATH && !ret->is_required)
        return compile_fail(compiler, node->line, "the path parameter '%s' needs required: true", ret->name);
    if (!schema)
        return compile_fail(compiler, node->line, "the parameter '%s' needs a schema", ret->name);
    ret->schema = schema_compile(compiler, schema);
    return ret->schema && check_explode(compiler, node, ret);
}

static const struct parameter *find_parameter(const struct parameter_set *set, enum parameter_in in,
                                              struct slice name)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i].in == in && slice_is(name, set->items[i].name))
            return &set->items[i];
    return NULL;
}

static bool add_parameter(struct compiler *compiler, struct node *entry, struct parameter_set *set)
{
    struct parameter parameter = {0};
    const struct node *node = compile_resolve(compiler, entry, "parameters");

    if (!node || !read_parameter(compiler, node, &parameter))
        return false;
    if (find_parameter(set, parameter.in, slice_of(parameter.name)))
        return compile_fail(compiler, entry->line, "the parameter '%s' is given twice", parameter.name);
    if (set->count == OPERATION_PARAMETERS_MAX)
        return compile_fail(compiler, entry->line, "more than %d parameters", OPERATION_PARAMETERS_MAX);
    set->items[set->count++] = parameter;
    return true;
}

static bool add_parameters(struct compiler *compiler, const struct node *list, struct parameter_set *set)
{
    if (!list)
        return true;
    if (list->kind != NODE_LIST)
        return compile_fail(compiler, list->line, "parameters must be a list");
    for (struct node *entry = list->first; entry; entry = entry->next)
        if (!add_parameter(compiler, entry, set))
            return false;
    return true;
}

/* Those of the path first, as the path names them. */
static bool arrange(struct compiler *compiler, const struct parameter_set *set, struct operation *operation)
{
    struct parameter *ordered = arena_alloc_array(compiler->arena, set->count, sizeof *ordered);
    const char *at = operation->path;
    size_t count = 0, declared = 0;
    struct slice name;

    while (path_next_name(&at, &name)) {
        const struct parameter *parameter = find_parameter(set, IN_PATH, name);
        if (!parameter)
            return compile_fail(compiler, operation->line, "{%.*s} of the path is not declared",
                                (int)name.len, name.data);
        if (count == set->count)
            return compile_fail(compiler, operation->line, "the path names a parameter twice");
        ordered[count++] = *parameter;
    }
    for (size_t i = 0; i < set->count; i++)
        declared += set->items[i].in == IN_PATH;
    if (declared != count)
        return compile_fail(compiler, operation->line,
                            "a path parameter is declared that the path does not name");
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i].in != IN_PATH)
            ordered[count++] = set->items[i];
    operation->parameters = ordered;
    operation->parameter_count = count;
    return true;
}

bool operation_compile_parameters(struct compiler *compiler, const struct node *path_item,
                                  const struct node *node, struct operation *operation)
{
    struct parameter_set set = {.count = 0};

    return add_parameters(compiler, node_get(path_item, "parameters"), &set) &&
           add_parameters(compiler, node_get(node, "parameters"), &set) && arrange(compiler, &set, operation);
}

/* One operation of the contract, put together from its parts. */
#include "operation.h"

static const char *const known_members[] = {
    "operationId",  "summary",    "description", "tags",       "deprecated",
    "externalDocs", "parameters", "requestBody", "responses",  "security",
    "x-rate",       "x-cache",    "x-drops",     "x-body-max", NULL,
};

static bool is_identifier(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    if (!strchr(letters, text[0]))
        return false;
    size_t len = strspn(text, letters);
    return text[len + strspn(text + len,
                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

bool operation_compile(struct compiler *compiler, const struct node *path_item, const struct node *node,
                       struct operation *operation)
{
    if (!compile_known_keys(compiler, node, known_members, "an operation"))
        return false;
    operation->line = node->key_line;
    operation->id = compile_text(compiler, node, "operationId");
    if (!operation->id)
        return false;
    if (!is_identifier(operation->id))
        return compile_fail(compiler, node_get(node, "operationId")->line,
                            "'%s' cannot be an operationId: letters and digits", operation->id);
    return operation_compile_parameters(compiler, path_item, node, operation) &&
           operation_compile_body(compiler, node, operation) &&
           operation_compile_responses(compiler, node, operation) &&
           operation_compile_access(compiler, node, operation) &&
           operation_compile_policy(compiler, node, operation);
}

const struct response *operation_response(const struct operation *operation, unsigned status)
{
    const struct response *fallback = NULL;

    for (size_t i = 0; i < operation->response_count; i++) {
        const struct response *response = &operation->responses[i];
        if (response->status == status)
            return response;
        if (response->status == 0)
            fallback = response;
    }
    return fallback;
}

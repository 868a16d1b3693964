/* The contract: openapi.yaml (OpenAPI 3.1), compiled at start into operations, a router and schemas.
 *
 * Everything in a compiled contract is constant and lives until contract_free(). What we add to OpenAPI:
 *   security: [{}]                  public
 *   security: [{staff: [p]}]        holders of every named permission
 *   security: [{}, {staff: [p]}]    public; holders of the permissions may see or do more
 *   security: [{citizen: []}, ...]  verified citizens; beside {} it says that verification makes a difference
 *   x-rate: read|submit|...         rate class (required on every operation)
 *   x-cache: {seconds: 10, tag: t}  public GET that may be answered from the cache
 *   x-drops: [t, u]                 cache tags that a successful write makes stale
 *   x-body-max: 262144              bytes, where it differs from the setting body_max (of a body of
 *                                   bytes: upload_max)
 *
 * Names of permissions, rates and tags come from the vocabulary; an unknown one stops the start. */
#ifndef CONTRACT_CONTRACT_H
#define CONTRACT_CONTRACT_H

#include "base/macros.h"
#include "base/slice.h"
#include "contract/schema.h"

#include <stdint.h>

enum http_method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS,
    METHOD_COUNT
};
extern const char *const http_method_names[METHOD_COUNT]; /* "GET", ... */

enum parameter_in { IN_PATH, IN_QUERY, IN_HEADER };

#define OPERATION_PARAMETERS_MAX 24
#define ROUTE_VALUES_MAX         4

struct parameter {
    const char *name;
    enum parameter_in in;
    bool is_required;
    const struct schema *schema;
};

struct response {
    unsigned status;             /* 0: "default" */
    const struct schema *schema; /* NULL: nothing to check */
    const char *media_type;      /* NULL: no body */
};

struct operation {
    const char *id;   /* operationId */
    const char *path; /* as written: /v1/orgs/{org}/drafts */
    enum http_method method;
    unsigned index; /* position in the contract: for handler tables and metrics */
    unsigned line;

    const struct parameter *parameters; /* path parameters first, in the order of the path */
    size_t parameter_count;
    const struct schema *body;   /* NULL: no JSON body allowed */
    const char *body_media_type; /* NULL: no body at all; without `body` it is application/octet-stream */
    bool is_body_required;
    size_t body_max; /* 0: the setting */
    const struct response *responses;
    size_t response_count;

    bool is_public;       /* may be called without a key */
    bool is_for_citizens; /* and by a verified citizen, who may be asked for instead */
    bool is_for_staff;    /* a key makes a difference */
    uint64_t permissions; /* a caller with a key needs all of these bits */
    unsigned rate;        /* index into vocabulary.rates */
    unsigned cache_seconds;
    unsigned cache_tag; /* index into vocabulary.tags; meaningful if cache_seconds */
    uint64_t drops;     /* bits of vocabulary.tags */
};

/* Lists of names ended by NULL; a name's position is its bit or index. At most 64 permissions and tags. */
struct contract_vocabulary {
    const char *const *permissions;
    const char *const *rates;
    const char *const *tags;
};

struct contract_error {
    unsigned line; /* 1-based line of the file; 0: the file as a whole */
    char text[240];
};

struct contract;

/* NULL on error: unknown reference, unsupported schema keyword, operation without operationId, x-rate,
 * security or responses, path parameter without declaration, two operations alike. */
MUST_USE struct contract *contract_compile(struct slice yaml, const struct contract_vocabulary *vocabulary,
                                           struct contract_error *ret_error);
void contract_free(struct contract *contract);

size_t contract_operation_count(const struct contract *contract);
const struct operation *contract_operation(const struct contract *contract, size_t index);
/* The schema under components/schemas, or NULL. */
const struct schema *contract_schema(const struct contract *contract, const char *name);
/* The contract as JSON text (for /openapi.json); lives as long as the contract. */
struct slice contract_as_json(const struct contract *contract);

enum route_result { ROUTE_FOUND = 0, ROUTE_NO_PATH, ROUTE_NO_METHOD };

struct route_match {
    const struct operation *operation;
    struct slice values[ROUTE_VALUES_MAX]; /* path parameters in order, raw (views into `path`) */
    unsigned allowed;                      /* bits of the methods of this path, HEAD and OPTIONS included */
};

/* `path` is raw and already checked by the guard. A static segment beats a parameter. HEAD finds the GET;
 * OPTIONS is always allowed and never found: ROUTE_NO_METHOD, with `allowed` set, as for every other method
 * that the path does not have. After ROUTE_NO_PATH `ret` is untouched. */
enum route_result contract_route(const struct contract *contract, enum http_method method, struct slice path,
                                 struct route_match *ret);

/* Takes a body of bytes (application/octet-stream), which goes to the disk as it comes; its bound is the
 * setting upload_max. */
static inline bool operation_is_streamed(const struct operation *operation)
{
    return operation->body_media_type && !operation->body;
}

/* The response that the contract declares for `status` (exact, then default), or NULL. */
const struct response *operation_response(const struct operation *operation, unsigned status);

#endif

/* Any bytes as a path. The first byte chooses the method. What is found must have its values inside the path,
 * none of them empty or with a slash, as many as the path of the operation names. */
#include "sample.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_values(const struct route_match *match, struct slice path)
{
    size_t count = 0;

    while (count < match->operation->parameter_count && match->operation->parameters[count].in == IN_PATH)
        count++;
    for (size_t i = 0; i < ROUTE_VALUES_MAX; i++) {
        struct slice value = match->values[i];
        HOLDS((value.data != NULL) == (i < count));
        if (!value.data)
            continue;
        HOLDS(value.len > 0 && !memchr(value.data, '/', value.len));
        HOLDS(value.data > path.data && value.data + value.len <= path.data + path.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct route_match match = {0};

    if (size == 0)
        return 0;
    enum http_method method = (enum http_method)(data[0] % METHOD_COUNT);
    struct slice path = {(const char *)data + 1, size - 1};
    enum route_result result = contract_route(sample_contract(), method, path, &match);

    HOLDS((result == ROUTE_FOUND) == (match.operation != NULL));
    HOLDS((result == ROUTE_NO_PATH) == (match.allowed == 0));
    HOLDS(result == ROUTE_NO_PATH || (match.allowed & 1u << METHOD_OPTIONS));
    if (result != ROUTE_FOUND)
        return 0;
    HOLDS(match.allowed & 1u << method);
    HOLDS(match.operation->method == (method == METHOD_HEAD ? METHOD_GET : method));
    check_values(&match, path);
    return 0;
}

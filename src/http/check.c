/* The contract holds for answers too. Compiled to nothing outside the dev preset: there the tests run, and
 * whatever answer they see that openapi.yaml does not promise turns into a 500 and a failed test. */
#include "check.h"

#ifdef MOSHAREKAT_CHECK_REPLIES

#include "base/json.h"
#include "base/log.h"
#include "engine.h"

#include <strings.h>

static bool deviates(struct exchange *exchange, unsigned status, const char *pointer, const char *code)
{
    metrics_count(exchange->engine->shared->metrics, METRIC_DEVIATIONS);
    log_error("contract.deviation", log_text("operation", exchange->request.operation->id),
              log_int("status", status), log_text("pointer", pointer), log_text("code", code));
    return false;
}

static bool is_essence(const char *media_type, const char *declared)
{
    size_t len = strcspn(media_type, ";");
    return strlen(declared) == len && strncasecmp(media_type, declared, len) == 0;
}

static bool check_schema(struct exchange *exchange, unsigned status, const struct schema *schema,
                         struct slice body)
{
    struct faults faults;
    json_t *value = NULL;
    faults_init(&faults, &exchange->request.arena, 1);
    if (json_read(body, (struct json_limits){64, 1000000}, &value, NULL) != JSON_FINE)
        return deviates(exchange, status, "", "malformed_json");
    schema_validate(schema, value, SCHEMA_REPLY, FAULT_IN_BODY, "", &faults);
    json_decref(value);
    if (faults.total == 0)
        return true;
    return deviates(exchange, status, faults.items[0].pointer, fault_code_name(faults.items[0].code));
}

bool check_body(struct exchange *exchange, unsigned status, const char *media_type, struct slice body)
{
    const struct operation *operation = exchange->request.operation;
    if (!operation)
        return true;
    const struct response *response = operation_response(operation, status);
    if (!response)
        return deviates(exchange, status, "", "undeclared_status");
    if (!response->schema)
        return true;
    if (body.len == 0)
        return deviates(exchange, status, "", "missing_body");
    if (response->media_type && media_type && !is_essence(media_type, response->media_type))
        return deviates(exchange, status, "", "other_media_type");
    return check_schema(exchange, status, response->schema, body);
}

#endif

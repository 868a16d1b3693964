/* From libmicrohttpd's header list to the guard's view of it, and values by name. Judges nothing itself. */
#include "head.h"

#include <microhttpd.h>
#include <strings.h>

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                  const char *value, size_t value_len)
{
    (void)kind;
    struct guard_head *head = context;
    if (head->header_count < GUARD_HEADERS_MAX)
        head->headers[head->header_count] = (struct guard_header){{name, name_len}, {value, value_len}};
    head->header_count++;
    return MHD_YES;
}

void head_gather(struct MHD_Connection *connection, const char *method, const char *url, const char *version,
                 struct slice target, struct guard_head *ret)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    ret->method = slice_of(method);
    ret->version = slice_of(version);
    ret->target = target;
    ret->target_at = url;
    ret->end = info ? method + info->header_size : NULL;
    ret->header_count = 0;
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, add_header, ret);
}

struct slice head_value(const struct guard_header *headers, size_t count, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < count; i++) {
        if (headers[i].name.len != len || strncasecmp(headers[i].name.data, name, len) != 0)
            continue;
        struct slice value = headers[i].value;
        while (value.len > 0 && (value.data[value.len - 1] == ' ' || value.data[value.len - 1] == '\t'))
            value.len--;
        return value;
    }
    return (struct slice){0};
}

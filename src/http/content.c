/* Bytes that several answers and the cache share, by reference count. Not for building them (buffer.h). */
#include "exchange.h"

#include <stdlib.h>

struct content *content_new(char *data, size_t len, bool is_static)
{
    struct content *content = malloc(sizeof *content);
    if (!content)
        abort();
    *content = (struct content){.references = 1, .len = len, .data = data, .is_static = is_static};
    return content;
}

struct content *content_ref(struct content *content)
{
    __atomic_fetch_add(&content->references, 1, __ATOMIC_RELAXED);
    return content;
}

void content_unref(struct content *content)
{
    if (!content || __atomic_sub_fetch(&content->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (!content->is_static)
        free(content->data);
    free(content);
}

/* The few allocations of this layer that live longer than a request; zeroed, never NULL. */
#ifndef DB_MEMORY_H
#define DB_MEMORY_H

#include <stdlib.h>
#include <string.h>

static inline void *memory_new_array(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

static inline void *memory_new(size_t size)
{
    return memory_new_array(1, size);
}

static inline char *memory_copy_string(const char *cstr)
{
    char *copy = strdup(cstr);
    if (!copy)
        abort();
    return copy;
}

#endif

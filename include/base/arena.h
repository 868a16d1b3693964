/* Memory by lifetime: an arena belongs to one request (or one load of a file) and goes in one piece.
 *
 * Allocation never returns NULL: it aborts, so cap sizes where bytes enter. Memory is zeroed and
 * aligned to 16. Nothing is freed alone; what is not memory (a json_t, a result) is deferred:
 * arena_defer() calls run in reverse order at arena_reset() and arena_done(). */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/macros.h"
#include "base/slice.h"

struct arena_chunk;
struct arena_deferred;

struct arena {
    struct arena_chunk *chunks;
    struct arena_deferred *deferred;
    size_t chunk_size;
};

/* Life: init once, reset between uses (keeps the first chunk), done at the end. `chunk_size` in bytes. */
void arena_init(struct arena *arena, size_t chunk_size);
void arena_reset(struct arena *arena);
void arena_done(struct arena *arena);

void *arena_alloc(struct arena *arena, size_t size);
void *arena_alloc_array(struct arena *arena, size_t count, size_t size); /* aborts on overflow */
/* Copies are NUL-terminated behind their last byte. */
char *arena_copy(struct arena *arena, const void *data, size_t len);
struct slice arena_slice(struct arena *arena, struct slice text);
char *arena_strdup(struct arena *arena, const char *cstr);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

void arena_defer(struct arena *arena, void (*release)(void *), void *data);

#endif

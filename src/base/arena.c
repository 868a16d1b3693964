/* Arenas: a list of chunks, filled from the front; what does not fit a chunk gets one of its own.
 *
 * Not for memory that is handed to someone else (that is buffer.h) and not shared between threads.
 * Under AddressSanitizer the unused part of a chunk is poisoned and allocations stand apart, so that a
 * step past the end or a use after arena_reset() is seen as it would be with malloc. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define REDZONE 16
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)0)
#define REDZONE                                    0
#endif

#define ALIGNMENT 16

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used;
    _Alignas(ALIGNMENT) char bytes[];
};

struct arena_deferred {
    struct arena_deferred *next;
    void (*release)(void *);
    void *data;
};

void arena_init(struct arena *arena, size_t chunk_size)
{
    *arena = (struct arena){.chunk_size = chunk_size};
}

static void run_deferred(struct arena *arena)
{
    while (arena->deferred) {
        struct arena_deferred *call = arena->deferred;
        arena->deferred = call->next; /* first: the release may itself defer */
        call->release(call->data);
    }
}

static void chunk_free(struct arena_chunk *chunk)
{
    ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->size);
    free(chunk);
}

void arena_reset(struct arena *arena)
{
    run_deferred(arena);

    struct arena_chunk *kept = NULL;
    while (arena->chunks) {
        struct arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        if (kept || chunk->size != arena->chunk_size) {
            chunk_free(chunk);
            continue;
        }
        kept = chunk;
        kept->next = NULL;
        kept->used = 0;
        ASAN_POISON_MEMORY_REGION(kept->bytes, kept->size);
    }
    arena->chunks = kept;
}

void arena_done(struct arena *arena)
{
    run_deferred(arena);
    while (arena->chunks) {
        struct arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        chunk_free(chunk);
    }
}

static struct arena_chunk *chunk_new(size_t size)
{
    struct arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        abort();
    chunk->size = size;
    chunk->used = 0;
    ASAN_POISON_MEMORY_REGION(chunk->bytes, size);
    return chunk;
}

/* A chunk with room for `need` bytes. The front chunk is the one being filled: a chunk for one big piece
 * goes behind it, so that the rest of the front stays in use. */
static struct arena_chunk *chunk_for(struct arena *arena, size_t need)
{
    struct arena_chunk *front = arena->chunks;
    if (front && front->size - front->used >= need)
        return front;

    bool is_big = need > arena->chunk_size;
    struct arena_chunk *chunk = chunk_new(is_big ? need : arena->chunk_size);
    if (is_big && front) {
        chunk->next = front->next;
        front->next = chunk;
    } else {
        chunk->next = front;
        arena->chunks = chunk;
    }
    return chunk;
}

/* As arena_alloc(), but not zeroed: for those who fill it at once. */
static void *alloc_raw(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        abort();
    size_t need = ((size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1)) + REDZONE;
    struct arena_chunk *chunk = chunk_for(arena, need);
    void *memory = chunk->bytes + chunk->used;
    chunk->used += need;
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(alloc_raw(arena, size), 0, size);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        abort();
    return arena_alloc(arena, total);
}

char *arena_copy(struct arena *arena, const void *data, size_t len)
{
    char *copy = alloc_raw(arena, len + 1);
    if (len > 0)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

struct slice arena_slice(struct arena *arena, struct slice text)
{
    return (struct slice){arena_copy(arena, text.data, text.len), text.len};
}

char *arena_strdup(struct arena *arena, const char *cstr)
{
    return arena_copy(arena, cstr, strlen(cstr));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        abort();
    char *text = alloc_raw(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

void arena_defer(struct arena *arena, void (*release)(void *), void *data)
{
    struct arena_deferred *call = arena_alloc(arena, sizeof *call);
    *call = (struct arena_deferred){arena->deferred, release, data};
    arena->deferred = call;
}

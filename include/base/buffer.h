/* Bytes that grow, born with their maximum.
 *
 * Past `max` the buffer stops growing and remembers it (`overflow`), so a writer appends freely and asks
 * once at the end. Memory comes from malloc because a finished body is handed over (buffer_steal). */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

struct buffer {
    char *data; /* NUL-terminated behind len once anything was appended */
    size_t len, cap, max;
    bool overflow;
};

void buffer_init(struct buffer *buffer, size_t max);
void buffer_done(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* empty again, memory kept */

void buffer_append(struct buffer *buffer, const void *data, size_t len);
void buffer_str(struct buffer *buffer, const char *cstr);
void buffer_slice(struct buffer *buffer, struct slice s);
void buffer_char(struct buffer *buffer, char c);
void buffer_int(struct buffer *buffer, int64_t n);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/* A JSON string with its quotes. `s` must be UTF-8; escaped are quote, backslash and U+0000..U+001F. */
void buffer_json_string(struct buffer *buffer, struct slice s);

/* Hands the bytes to the caller (free() them) and leaves the buffer empty. */
char *buffer_steal(struct buffer *buffer, size_t *ret_len);

static inline struct slice buffer_view(const struct buffer *buffer)
{
    return (struct slice){buffer->data ? buffer->data : "", buffer->len};
}

#endif

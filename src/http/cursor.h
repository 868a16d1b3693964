/* Cursors: where a list goes on, told to the client in a form that it can neither read nor change.
 *
 * A cursor is base64url of at (8 bytes, big endian) + id (16) + the first 8 bytes of an HMAC over both and
 * the scope: the operation, the path and the filters. So a cursor of one list opens no other. */
#ifndef CURSOR_H
#define CURSOR_H

#include "base/arena.h"
#include "base/crypto.h"
#include "base/uuid.h"

struct cursor {
    int64_t at_us;
    struct uuid id;
};

char *cursor_write(struct arena *arena, const struct secret *key, struct slice scope, struct cursor cursor);
MUST_USE bool cursor_read(const struct secret *key, struct slice scope, struct slice text,
                          struct cursor *ret_cursor);

#endif

/* Files kept under the SHA-256 of their content: <folder>/ab/cdef..., so the same bytes are there once. Which
 * of them somebody still needs is not known here.
 *
 * A file begins without a name (O_TMPFILE) and gets one only when it is whole and on the disk: a crash, a
 * full disk or a client that vanishes leaves nothing behind. Thread-safe; several processes may share a
 * folder. */
#ifndef BASE_STORE_H
#define BASE_STORE_H

#include "base/crypto.h"

struct store;

enum store_result {
    STORE_OK = 0,
    STORE_FULL,   /* the disk, or a quota */
    STORE_ABSENT, /* there is no such content */
    STORE_FAILED,
};

/* Makes the folder, in one that is there. NULL: errno says why; EOPNOTSUPP where its file system knows no files without
 * a name. */
struct store *store_open(const char *folder);
void store_close(struct store *store); /* accepts NULL */

/* A new file, for writing; STORE_FULL where the disk has less than `reserve` bytes free. Closing `ret_fd` is
 * all that it takes to be rid of it. */
MUST_USE enum store_result store_begin(const struct store *store, int64_t reserve, int *ret_fd);
/* What became of a write or fsync that failed with `error`. */
enum store_result store_result_of(int error);
/* Names a file of store_begin() by its content, durably (fsync of file and folder: slow). Content that is
 * there already is marked as young; of what fails nothing stays that was not there before. */
MUST_USE enum store_result store_keep(struct store *store, int fd, const uint8_t sha256[DIGEST_LEN]);

MUST_USE enum store_result store_read(const struct store *store, const uint8_t sha256[DIGEST_LEN],
                                      int *ret_fd, int64_t *ret_size);
/* Removes content that nobody kept since `before_s` (Unix time): whoever is about to record content that was
 * just kept does not lose it. STORE_OK also where it is too young or absent. */
MUST_USE enum store_result store_remove(const struct store *store, const uint8_t sha256[DIGEST_LEN],
                                        int64_t before_s);

/* Calls `found` with each content of one part of the store (`part` 0 to 255). */
MUST_USE enum store_result store_walk(const struct store *store, unsigned part,
                                      void (*found)(void *context, const uint8_t sha256[DIGEST_LEN]),
                                      void *context);

#endif

/* The keeper: a thread that does what would stall a loop: it looks into uploaded files, brings them to the
 * disk and names them in the store. One for all loops; each engine has a box in which its finished jobs come
 * back. */
#ifndef KEEPER_H
#define KEEPER_H

#include "base/poll.h"
#include "base/store.h"
#include "http/media.h"

#include <pthread.h>

enum keep_result { KEEP_DONE, KEEP_NOT_ACCEPTED, KEEP_FULL, KEEP_FAILED };

struct keeper_box;

struct keep_job {
    struct keep_job *next;
    struct keeper_box *box;
    int fd; /* of store_begin(); stays the submitter's */
    int64_t size;
    uint8_t sha256[DIGEST_LEN];
    enum keep_result result;
    enum media media; /* if KEEP_DONE */
};

struct keeper_box {
    struct poll_source source;
    int wake_fd;
    pthread_mutex_t lock;
    struct keep_job *done;
    void (*kept)(struct keep_job *job); /* on the loop's thread */
};

struct keeper;

/* NULL when there is no thread, or libmagic has no database. */
struct keeper *keeper_new(struct store *store);
/* When no job is under way. Accepts NULL. */
void keeper_free(struct keeper *keeper);
/* The job is the keeper's until it comes back. */
void keeper_submit(struct keeper *keeper, struct keep_job *job);

MUST_USE bool keeper_box_open(struct keeper_box *box, int epoll_fd, void (*kept)(struct keep_job *job));
void keeper_box_close(struct keeper_box *box);

#endif

/* The keeper's thread and its queue. What an upload is, and who waits for it, is upload.c's business. */
#include "keeper.h"

#include "base/log.h"
#include "inspect.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct keeper {
    struct store *store;
    struct inspector *inspector;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct keep_job *first, **last;
    bool is_stopping;
};

/* --- the thread -------------------------------------------------------------------------------- */

static enum keep_result keep(const struct keeper *keeper, struct keep_job *job)
{
    job->media = inspect(keeper->inspector, job->fd, job->size);
    if (job->media == MEDIA_COUNT)
        return KEEP_NOT_ACCEPTED;
    switch (store_keep(keeper->store, job->fd, job->sha256)) {
    case STORE_OK:
        return KEEP_DONE;
    case STORE_FULL:
        return KEEP_FULL;
    default:
        log_error("keeper.not_kept", log_int("errno", errno));
        return KEEP_FAILED;
    }
}

static void give_back(struct keep_job *job)
{
    struct keeper_box *box = job->box;
    pthread_mutex_lock(&box->lock);
    job->next = box->done;
    box->done = job;
    eventfd_write(box->wake_fd, 1);
    pthread_mutex_unlock(&box->lock);
}

/* NULL: the end. */
static struct keep_job *take_job(struct keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    while (!keeper->first && !keeper->is_stopping)
        pthread_cond_wait(&keeper->work, &keeper->lock);
    struct keep_job *job = keeper->first;
    if (job && !(keeper->first = job->next))
        keeper->last = &keeper->first;
    pthread_mutex_unlock(&keeper->lock);
    return job;
}

static void *run(void *context)
{
    struct keeper *keeper = context;
    for (struct keep_job *job; (job = take_job(keeper));) {
        job->result = keep(keeper, job);
        give_back(job);
    }
    return NULL;
}

/* --- life -------------------------------------------------------------------------------------- */

static bool start_thread(struct keeper *keeper)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_started = pthread_create(&keeper->thread, NULL, run, keeper) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

static void release(struct keeper *keeper)
{
    inspector_free(keeper->inspector);
    pthread_cond_destroy(&keeper->work);
    pthread_mutex_destroy(&keeper->lock);
    free(keeper);
}

struct keeper *keeper_new(struct store *store)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        abort();
    keeper->store = store;
    keeper->last = &keeper->first;
    keeper->inspector = inspector_new();
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->work, NULL);
    if (keeper->inspector && start_thread(keeper))
        return keeper;
    release(keeper);
    return NULL;
}

void keeper_free(struct keeper *keeper)
{
    if (!keeper)
        return;
    pthread_mutex_lock(&keeper->lock);
    keeper->is_stopping = true;
    pthread_cond_signal(&keeper->work);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    release(keeper);
}

void keeper_submit(struct keeper *keeper, struct keep_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&keeper->lock);
    *keeper->last = job;
    keeper->last = &job->next;
    pthread_cond_signal(&keeper->work);
    pthread_mutex_unlock(&keeper->lock);
}

/* --- boxes ------------------------------------------------------------------------------------- */

static void box_ready(struct poll_source *source, uint32_t events)
{
    (void)events;
    struct keeper_box *box = CONTAINER_OF(source, struct keeper_box, source);
    eventfd_t wakes;
    eventfd_read(box->wake_fd, &wakes);
    pthread_mutex_lock(&box->lock);
    struct keep_job *job = box->done;
    box->done = NULL;
    pthread_mutex_unlock(&box->lock);
    while (job) {
        struct keep_job *next = job->next; /* the job may be gone when its exchange goes on */
        box->kept(job);
        job = next;
    }
}

bool keeper_box_open(struct keeper_box *box, int epoll_fd, void (*kept)(struct keep_job *job))
{
    box->source.ready = box_ready;
    box->kept = kept;
    pthread_mutex_init(&box->lock, NULL);
    box->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return box->wake_fd >= 0 && poll_add(epoll_fd, box->wake_fd, EPOLLIN, &box->source);
}

void keeper_box_close(struct keeper_box *box)
{
    if (box->wake_fd >= 0)
        close(box->wake_fd);
    pthread_mutex_destroy(&box->lock);
}

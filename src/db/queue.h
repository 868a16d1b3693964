/* A queue of jobs, chained through the jobs themselves. */
#ifndef DB_QUEUE_H
#define DB_QUEUE_H

#include "db/db.h"

struct job_queue {
    struct db_job *head, *tail;
    unsigned count;
};

static inline void queue_push(struct job_queue *queue, struct db_job *job)
{
    job->next = NULL;
    if (queue->tail)
        queue->tail->next = job;
    else
        queue->head = job;
    queue->tail = job;
    queue->count++;
}

/* NULL when empty. */
static inline struct db_job *queue_pop(struct job_queue *queue)
{
    struct db_job *job = queue->head;
    if (!job)
        return NULL;
    queue->head = job->next;
    if (!queue->head)
        queue->tail = NULL;
    queue->count--;
    return job;
}

/* Puts all of `first`, which is left empty, in front of `queue`. */
static inline void queue_prepend(struct job_queue *queue, struct job_queue *first)
{
    if (!first->head)
        return;
    first->tail->next = queue->head;
    if (!queue->head)
        queue->tail = first->tail;
    queue->head = first->head;
    queue->count += first->count;
    *first = (struct job_queue){0};
}

static inline struct job_queue queue_take(struct job_queue *queue)
{
    struct job_queue all = *queue;
    *queue = (struct job_queue){0};
    return all;
}

#endif

/* Which registry is in use. Requests keep the one that they began with; loading a new one is pulse.c's
 * business, reading it domain/policy.c's. */
#include "registry.h"

#include <pthread.h>
#include <stdlib.h>

struct registry_holder {
    pthread_mutex_t lock;
    struct registry *registry;
};

struct registry_holder *registry_holder_new(struct registry *registry)
{
    struct registry_holder *holder = malloc(sizeof *holder);
    if (!holder)
        abort();
    holder->registry = registry;
    pthread_mutex_init(&holder->lock, NULL);
    return holder;
}

void registry_holder_free(struct registry_holder *holder)
{
    if (!holder)
        return;
    registry_unref(holder->registry);
    pthread_mutex_destroy(&holder->lock);
    free(holder);
}

struct registry *registry_current(struct registry_holder *holder)
{
    pthread_mutex_lock(&holder->lock);
    struct registry *registry = registry_ref(holder->registry);
    pthread_mutex_unlock(&holder->lock);
    return registry;
}

void registry_replace(struct registry_holder *holder, struct registry *registry)
{
    pthread_mutex_lock(&holder->lock);
    struct registry *former = holder->registry;
    holder->registry = registry;
    pthread_mutex_unlock(&holder->lock);
    registry_unref(former);
}

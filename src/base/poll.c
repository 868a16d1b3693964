/* The epoll set that the parts of a loop share; what the events mean is the business of each source.
 *
 * Not the loop itself: waiting and calling `ready` belong to whoever owns the set. */
#include "base/poll.h"

#include <stddef.h>
#include <sys/epoll.h>

static bool poll_control(int epoll_fd, int operation, int fd, uint32_t events, struct poll_source *source)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    return epoll_ctl(epoll_fd, operation, fd, &event) == 0;
}

bool poll_add(int epoll_fd, int fd, uint32_t events, struct poll_source *source)
{
    return poll_control(epoll_fd, EPOLL_CTL_ADD, fd, events, source);
}

bool poll_change(int epoll_fd, int fd, uint32_t events, struct poll_source *source)
{
    return poll_control(epoll_fd, EPOLL_CTL_MOD, fd, events, source);
}

void poll_remove(int epoll_fd, int fd)
{
    /* Fails only for an fd that is closed or not in the set: then there is nothing to remove. */
    (void)poll_control(epoll_fd, EPOLL_CTL_DEL, fd, 0, NULL);
}

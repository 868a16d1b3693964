/* One epoll set per loop, shared by parts that do not know each other: the data pointer of every
 * registration is a poll_source, and the loop calls its `ready`. */
#ifndef BASE_POLL_H
#define BASE_POLL_H

#include "base/macros.h"

#include <stdbool.h>
#include <stdint.h>

struct poll_source {
    void (*ready)(struct poll_source *source, uint32_t events); /* EPOLLIN, EPOLLOUT, ... */
};

MUST_USE bool poll_add(int epoll_fd, int fd, uint32_t events, struct poll_source *source);
MUST_USE bool poll_change(int epoll_fd, int fd, uint32_t events, struct poll_source *source);
void poll_remove(int epoll_fd, int fd);

#endif

/* A loop: one thread, one epoll set, one libmicrohttpd daemon, one engine. */
#ifndef LOOP_H
#define LOOP_H

#include "transport.h"

/* Makes everything of a loop but its thread. Takes `listen_fd`. False: errno says why; loop_close() is due
 * all the same. */
MUST_USE bool loop_open(struct loop *loop, struct server *server, int listen_fd, bool is_first);
MUST_USE bool loop_start(struct loop *loop);
/* Makes the thread look up; it ends by itself once the server is draining. */
void loop_wake(struct loop *loop);
/* Waits for the thread, if there is one. */
void loop_join(struct loop *loop);
/* Once no loop has a thread: they wake each other. */
void loop_close(struct loop *loop);

#endif

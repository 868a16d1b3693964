/* The admin listener: /livez, /readyz and /metrics, served by the first loop's thread. */
#ifndef ADMIN_H
#define ADMIN_H

#include "transport.h"

struct admin;

/* Listens on server->admin_listener; NULL with errno. */
struct admin *admin_open(struct server *server, int epoll_fd);
/* Once a loop turn. */
void admin_turn(struct admin *admin, int64_t now_ms);
void admin_close(struct admin *admin); /* accepts NULL */

#endif

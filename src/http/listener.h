/* Where a server listens: "127.0.0.1:8080", "[::1]:8080" or "unix:/run/mosharekat.sock". */
#ifndef LISTENER_H
#define LISTENER_H

#include "base/macros.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

struct listener {
    union {
        struct sockaddr any;
        struct sockaddr_storage storage;
        struct sockaddr_un local;
    } address;
    socklen_t address_len;
    bool is_reachable; /* from other machines */
};

/* Numeric addresses only: a name may come to mean another place. */
MUST_USE bool listener_parse(const char *text, struct listener *ret);
/* A listening, non-blocking socket; -1 with errno. With `is_shared` several may be opened for one TCP address
 * and share its load (SO_REUSEPORT); otherwise a second server is refused. A unix socket's file that nobody
 * listens on is replaced. */
MUST_USE int listener_open(const struct listener *listener, bool is_shared);
/* Removes the file of a unix socket. */
void listener_remove(const struct listener *listener);

#endif

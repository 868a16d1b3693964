/* The address of a client, as bytes: 4, 16, or none (a unix socket). */
#ifndef PEER_H
#define PEER_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

struct sockaddr;

struct peer {
    uint8_t bytes[16];
    uint8_t len;
};

struct peer peer_of(const struct sockaddr *address);
/* As a proxy writes it, without a port. */
MUST_USE bool peer_parse(struct slice text, struct peer *ret);

static inline struct slice peer_bytes(const struct peer *peer)
{
    return (struct slice){(const char *)peer->bytes, peer->len};
}

#endif

/* Client addresses out of sockets and out of X-Real-IP. Whom to believe is the caller's matter. */
#include "peer.h"

#include <arpa/inet.h>

struct peer peer_of(const struct sockaddr *address)
{
    struct peer peer = {0};
    if (address->sa_family == AF_INET) {
        peer.len = 4;
        memcpy(peer.bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        peer.len = 16;
        memcpy(peer.bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    }
    return peer;
}

bool peer_parse(struct slice text, struct peer *ret)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.len >= sizeof copy || memchr(text.data, '\0', text.len))
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';

    struct peer peer = {0};
    if (inet_pton(AF_INET, copy, peer.bytes) == 1)
        peer.len = 4;
    else if (inet_pton(AF_INET6, copy, peer.bytes) == 1)
        peer.len = 16;
    else
        return false;
    *ret = peer;
    return true;
}

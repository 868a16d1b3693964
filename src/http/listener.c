/* Listening sockets: parsing the settings, binding. We make them ourselves, because libmicrohttpd must
 * neither choose the address nor close it while a server drains. */
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNIX_PREFIX "unix:"

static bool parse_local(const char *path, struct listener *ret)
{
    struct listener listener = {.address.local.sun_family = AF_UNIX,
                                .address_len = sizeof listener.address.local};
    size_t len = strlen(path);
    if (len == 0 || path[0] != '/' || len >= sizeof listener.address.local.sun_path)
        return false;
    memcpy(listener.address.local.sun_path, path, len + 1);
    *ret = listener;
    return true;
}

static bool parse_port(const char *text, in_port_t *ret)
{
    char *end;
    errno = 0;
    long port = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || port < 1 || port > 65535)
        return false;
    *ret = htons((uint16_t)port);
    return true;
}

static bool parse_v4(const char *host, in_port_t port, struct listener *ret)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return false;
    *ret = (struct listener){.address_len = sizeof address,
                             .is_reachable = ntohl(address.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET};
    memcpy(&ret->address, &address, sizeof address);
    return true;
}

static bool parse_v6(const char *host, in_port_t port, struct listener *ret)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = port};
    if (inet_pton(AF_INET6, host, &address.sin6_addr) != 1)
        return false;
    *ret = (struct listener){.address_len = sizeof address,
                             .is_reachable = !IN6_IS_ADDR_LOOPBACK(&address.sin6_addr)};
    memcpy(&ret->address, &address, sizeof address);
    return true;
}

bool listener_parse(const char *text, struct listener *ret)
{
    if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
        return parse_local(text + strlen(UNIX_PREFIX), ret);

    char host[INET6_ADDRSTRLEN + 2];
    const char *colon = strrchr(text, ':');
    in_port_t port;
    if (!colon || (size_t)(colon - text) >= sizeof host || !parse_port(colon + 1, &port))
        return false;
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';

    size_t len = strlen(host);
    if (len < 2 || host[0] != '[' || host[len - 1] != ']')
        return parse_v4(host, port, ret);
    host[len - 1] = '\0';
    return parse_v6(host + 1, port, ret);
}

/* A socket file that refuses connections is what a killed server left behind. */
static void remove_stale(const struct listener *listener)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, &listener->address.any, listener->address_len) != 0 && errno == ECONNREFUSED)
        unlink(listener->address.local.sun_path);
    close(fd);
}

static bool prepare(int fd, int family, bool is_shared)
{
    int on = 1;
    if (family == AF_UNIX)
        return true;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (is_shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0))
        return false;
    return family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
}

int listener_open(const struct listener *listener, bool is_shared)
{
    int family = listener->address.any.sa_family;
    if (family == AF_UNIX)
        remove_stale(listener);
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (!prepare(fd, family, is_shared) || bind(fd, &listener->address.any, listener->address_len) != 0 ||
        listen(fd, SOMAXCONN) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

void listener_remove(const struct listener *listener)
{
    if (listener->address.any.sa_family == AF_UNIX)
        unlink(listener->address.local.sun_path);
}

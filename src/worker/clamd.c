/* The client of clamd. One connection a file, never waiting longer than it is told: the scanner may be away,
 * slow or wrong, and the worker has other things to do. Which files are shown to it, and what a verdict
 * means, is not decided here. */
#include "clamd.h"

#include "base/clock.h"
#include "worker/worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LOOK_MS   100 /* between two looks at is_stopping */
#define CHUNK     (64 * 1024)
#define REPLY_MAX 1024

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_un local;
        struct sockaddr_in v4;
    };
    socklen_t len;
};

struct talk {
    int fd;
    int64_t until_ms;
    bool (*is_stopping)(const void *context);
    const void *context;
};

/* --- address ----------------------------------------------------------------------------------- */

static bool parse_port(const char *text, in_port_t *ret)
{
    char *end;
    errno = 0;
    unsigned long port = strtoul(text, &end, 10);
    if (errno || end == text || *end || port == 0 || port > 65535)
        return false;
    *ret = htons((in_port_t)port);
    return true;
}

static bool parse_address(const char *text, struct address *ret)
{
    *ret = (struct address){.len = 0};
    if (text[0] == '/') {
        if (strlen(text) >= sizeof ret->local.sun_path)
            return false;
        ret->local.sun_family = AF_UNIX;
        memcpy(ret->local.sun_path, text, strlen(text) + 1);
        ret->len = sizeof ret->local;
        return true;
    }
    char host[INET_ADDRSTRLEN];
    size_t host_len = strcspn(text, ":");
    if (host_len >= sizeof host || !text[host_len] || !parse_port(text + host_len + 1, &ret->v4.sin_port))
        return false;
    memcpy(host, text, host_len);
    host[host_len] = '\0';
    ret->v4.sin_family = AF_INET;
    ret->len = sizeof ret->v4;
    return inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1 && ntohl(ret->v4.sin_addr.s_addr) >> 24 == 127;
}

bool worker_knows_scanner(const char *address)
{
    struct address ignored;
    return parse_address(address, &ignored);
}

/* --- talking ----------------------------------------------------------------------------------- */

static void close_talk(struct talk *talk)
{
    if (talk->fd >= 0)
        close(talk->fd);
}

static bool wait_for(const struct talk *talk, short events)
{
    struct pollfd poller = {.fd = talk->fd, .events = events};
    while (clock_mono_ms() < talk->until_ms && !talk->is_stopping(talk->context)) {
        int ready = poll(&poller, 1, LOOK_MS);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
    return false;
}

static bool open_talk(struct talk *talk, const struct address *address)
{
    int error = 0;
    socklen_t len = sizeof error;
    talk->fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (talk->fd < 0)
        return false;
    if (connect(talk->fd, &address->any, address->len) == 0)
        return true;
    return errno == EINPROGRESS && wait_for(talk, POLLOUT) &&
           getsockopt(talk->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0;
}

static bool tell(const struct talk *talk, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        if (!wait_for(talk, POLLOUT))
            return false;
        ssize_t sent = send(talk->fd, at, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (sent > 0) {
            at += sent;
            len -= (size_t)sent;
        }
    }
    return true;
}

/* Chunks with their length in front, an empty one at the end. */
static bool tell_file(const struct talk *talk, int file_fd)
{
    static const char command[] = "zINSTREAM";
    char chunk[4 + CHUNK];
    off_t offset = 0;
    if (!tell(talk, command, sizeof command))
        return false;
    for (;;) {
        ssize_t got = pread(file_fd, chunk + 4, CHUNK, offset);
        if (got < 0)
            return false;
        uint32_t len = htonl((uint32_t)got);
        memcpy(chunk, &len, sizeof len);
        if (!tell(talk, chunk, 4 + (size_t)got))
            return false;
        if (got == 0)
            return true;
        offset += got;
    }
}

static enum scan_verdict hear(const struct talk *talk)
{
    char reply[REPLY_MAX];
    size_t len = 0;
    while (len < sizeof reply && wait_for(talk, POLLIN)) {
        ssize_t got = recv(talk->fd, reply + len, sizeof reply - len, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            break;
        len += (size_t)got;
        if (reply[len - 1] == '\0')
            return clamd_read_reply((struct slice){reply, len});
    }
    return SCAN_NO_ANSWER;
}

static bool ends_with(struct slice text, struct slice end)
{
    return text.len >= end.len && memcmp(text.data + text.len - end.len, end.data, end.len) == 0;
}

enum scan_verdict clamd_read_reply(struct slice reply)
{
    const struct slice start = SLICE("stream: "), found = SLICE(" FOUND");
    if (reply.len == 0 || memchr(reply.data, '\0', reply.len) != reply.data + reply.len - 1)
        return SCAN_NO_ANSWER;
    reply.len--;
    if (slice_is(reply, "stream: OK"))
        return SCAN_CLEAN;
    bool is_found = reply.len > start.len + found.len && memcmp(reply.data, start.data, start.len) == 0 &&
                    ends_with(reply, found);
    return is_found ? SCAN_INFECTED : SCAN_NO_ANSWER;
}

enum scan_verdict clamd_scan(const char *address, int fd, int64_t timeout_ms,
                             bool (*is_stopping)(const void *context), const void *context)
{
    struct address where;
    CLEANUP(close_talk)
    struct talk talk = {-1, clock_mono_ms() + timeout_ms, is_stopping, context};
    if (!parse_address(address, &where) || !open_talk(&talk, &where) || !tell_file(&talk, fd))
        return SCAN_NO_ANSWER;
    return hear(&talk);
}

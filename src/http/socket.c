/* A client's socket without libmicrohttpd, for the two things that it does not do: answer while a body is still on
 * its way, and look at a socket whose end came together with its last bytes. Not for answers of any size: they must
 * fit into what the socket takes at once. */
#include "socket.h"

#include "base/buffer.h"

#include <errno.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <time.h>

#define TEXT_MAX (64 * 1024)

static void write_date(struct buffer *out)
{
    char text[64];
    struct tm now;
    time_t at = time(NULL);
    if (gmtime_r(&at, &now) && strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &now) > 0)
        buffer_printf(out, "Date: %s\r\n", text);
}

static void write_answer(struct buffer *out, const struct answer *answer)
{
    size_t len = answer->content ? answer->content->len : 0;
    buffer_printf(out, "HTTP/1.1 %u %s\r\n", answer->status, MHD_get_reason_phrase_for(answer->status));
    write_date(out);
    for (size_t i = 0; i < answer->header_count; i++)
        buffer_printf(out, "%s: %s\r\n", answer->headers[i].name, answer->headers[i].value);
    buffer_printf(out, "Connection: close\r\nContent-Length: %zu\r\n\r\n", len);
    if (len > 0)
        buffer_slice(out, (struct slice){answer->content->data, len});
}

bool socket_answer(int fd, const struct answer *answer)
{
    CLEANUP(buffer_done) struct buffer text;
    buffer_init(&text, TEXT_MAX);
    write_answer(&text, answer);
    if (text.overflow || send(fd, text.data, text.len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)text.len)
        return false;
    shutdown(fd, SHUT_WR);
    return true;
}

bool socket_is_over(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

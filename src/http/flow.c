/* A streamed answer on its way out: called when the socket has taken what there was. While a page is on its
 * way the connection waits like one whose answer has not come yet; a drain waits for a page, not for all that
 * follow. How pages are made is stream.c's. */
#include "flow.h"

#include "connection.h"
#include "stream.h"

#include <microhttpd.h>

ssize_t flow_read(void *context, uint64_t position, char *to, size_t room)
{
    (void)position;
    struct carrier *carrier = context;
    struct loop *loop = carrier->loop;
    size_t len = 0;
    if (carrier->is_waiting)
        return 0;
    loop->has_progress = true;
    if (loop->is_draining && loop->now_ms >= loop->drain_until_ms)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    switch (stream_read(&carrier->exchange, to, room, &len)) {
    case STREAM_FLOWS:
        return (ssize_t)len;
    case STREAM_WAITS:
        connection_await(carrier->connection);
        return 0;
    case STREAM_ENDS:
        return MHD_CONTENT_READER_END_OF_STREAM;
    case STREAM_BREAKS:
        break;
    }
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

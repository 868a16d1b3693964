/* An answer becomes a libmicrohttpd response. That library adds Date and Content-Length itself, and leaves
 * the body away for HEAD, 204 and 304. */
#include "send.h"

#include "base/log.h"

#define STREAM_BLOCK 16384 /* the library takes what its memory holds */

static void release_content(void *content)
{
    content_unref(content);
}

static struct MHD_Response *response_of_file(struct outgoing *outgoing)
{
    struct MHD_Response *response =
        MHD_create_response_from_fd_at_offset64(outgoing->size, outgoing->fd, outgoing->offset);
    if (response)
        outgoing->fd = -1;
    return response;
}

static struct MHD_Response *response_of(const struct answer *answer)
{
    static char nothing[1];
    struct content *content = answer->content;
    if (answer->outgoing && answer->outgoing->size > 0)
        return response_of_file(answer->outgoing);
    if (!content || content->len == 0)
        return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);

    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
        content->len, content->data, release_content, content_ref(content));
    if (!response)
        content_unref(content);
    return response;
}

static bool add_headers(struct MHD_Response *response, const struct answer *answer, bool is_closing)
{
    for (size_t i = 0; i < answer->header_count; i++)
        if (MHD_add_response_header(response, answer->headers[i].name, answer->headers[i].value) != MHD_YES) {
            log_error("http.header", log_text("name", answer->headers[i].name));
            return false;
        }
    return !is_closing || MHD_add_response_header(response, "Connection", "close") == MHD_YES;
}

static enum MHD_Result queue(struct MHD_Connection *connection, const struct answer *answer, bool is_closing,
                             struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_NO;
    if (add_headers(response, answer, is_closing))
        result = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result send_answer(struct MHD_Connection *connection, const struct answer *answer, bool is_closing)
{
    return queue(connection, answer, is_closing, response_of(answer));
}

enum MHD_Result send_stream(struct MHD_Connection *connection, const struct answer *answer, bool is_closing,
                            MHD_ContentReaderCallback read, void *context)
{
    return queue(connection, answer, is_closing,
                 MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read, context, NULL));
}

/* Answers on their way out. */
#ifndef SEND_H
#define SEND_H

#include "exchange.h"

#include <microhttpd.h>

/* Queues the answer; its content is shared, not copied, its headers may go at once. MHD_NO: the connection is
 * to be dropped (logged). */
MUST_USE enum MHD_Result send_answer(struct MHD_Connection *connection, const struct answer *answer,
                                     bool is_closing);
/* The same for a streamed one, whose bytes `read` gives; in chunks, for nobody knows how many. */
MUST_USE enum MHD_Result send_stream(struct MHD_Connection *connection, const struct answer *answer,
                                     bool is_closing, MHD_ContentReaderCallback read, void *context);

#endif

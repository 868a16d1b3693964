/* Streamed answers: a body of unknown length, made page by page. A page is the rows of one statement of the
 * slow lane; the next one is asked for when the client has taken this one, so that memory holds a page for
 * each reader and no more, and searches get their turn between pages. What fails after the first page can be
 * told in one way only: the body ends without its last chunk. */
#ifndef STREAM_H
#define STREAM_H

#include "exchange.h"

/* Whether one more may begin; takes a place until stream_done(). */
MUST_USE bool stream_enter(struct exchange *exchange);
/* The rows of the first page: from here on the answer is 200 and a stream. */
void stream_begin(struct exchange *exchange, const struct rows *rows);

enum stream_state {
    STREAM_FLOWS,  /* there were bytes */
    STREAM_WAITS,  /* the next page was asked for: exchange_answered() will be called */
    STREAM_ENDS,   /* that was all */
    STREAM_BREAKS, /* there should be more, and it does not come */
};
/* The next bytes, up to `room`, to `to`; for the transport. */
enum stream_state stream_read(struct exchange *exchange, char *to, size_t room, size_t *ret_len);
/* How long the page that now lies ready may take to its reader. */
int64_t stream_patience_ms(const struct exchange *exchange);
void stream_done(struct exchange *exchange);

#endif

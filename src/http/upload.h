/* A body that goes to the disk as it comes, so that it costs no memory whatever its size: what operations
 * with a body of bytes take (operation_is_streamed()). Its file has no name until everything about the
 * request is in order, and is gone with the exchange unless the keeper has named it. */
#ifndef UPLOAD_H
#define UPLOAD_H

#include "exchange.h"
#include "keeper.h"

struct upload {
    struct keep_job job;
    struct exchange *exchange;
    struct crypto_hash *hash; /* until the body is complete */
    bool has_file;            /* job.fd is open */
    bool is_kept;             /* the keeper has had it */
    enum problem problem;     /* PROBLEM_COUNT: none so far */
    struct stored_file file;  /* as the handler sees it */
};

/* False: exchange.upload->problem says why none can be taken now. */
MUST_USE bool upload_begin(struct exchange *exchange);
/* A piece of any body, to the disk if it is streamed (the first begins the upload where the gate could not
 * yet), else into memory. Past body_max nothing is taken, and exchange.is_body_too_large tells. */
void upload_take(struct exchange *exchange, const char *data, size_t len);
/* The body is complete: to the keeper, which comes back to the exchange by gate_go_on(). */
void upload_keep(struct exchange *exchange);
/* What the box of an engine does. */
void upload_kept(struct keep_job *job);
/* With the exchange. */
void upload_end(struct exchange *exchange);

/* Files on their way, in or out, are counted; false: there are as many as may be. Ends with the exchange. */
MUST_USE bool transfer_begin(struct exchange *exchange);
void transfer_end(struct exchange *exchange);

#endif

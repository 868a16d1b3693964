/* Parameters on their way to libpq: binary, by the types that the statement declares. One encoder serves one
 * connection after the other; what it holds is valid until the next encode(). */
#ifndef DB_ENCODE_H
#define DB_ENCODE_H

#include "base/buffer.h"
#include "base/param.h"
#include "db/db.h"

struct encoder {
    const char *values[STATEMENT_PARAMS_MAX];
    int lengths[STATEMENT_PARAMS_MAX];
    int formats[STATEMENT_PARAMS_MAX];
    struct buffer bytes; /* what cannot be borrowed from the parameters */
};

void encoder_init(struct encoder *encoder);
void encoder_done(struct encoder *encoder);

/* DB_OK, DB_REFUSED (a value that the type cannot hold) or DB_FAILED (kinds or count differ from what the
 * statement declares: a bug). */
MUST_USE enum db_outcome encode(struct encoder *encoder, const struct statement *statement,
                                const struct param *params, unsigned count);
/* The same for the many members of one execution: each parameter becomes an array of what the members gave,
 * `count` parameters each. (For a statement of many, encode() makes arrays of one.) */
MUST_USE enum db_outcome encode_many(struct encoder *encoder, const struct statement *statement,
                                     const struct param *const *members, unsigned member_count,
                                     unsigned count);

#endif

/* An exchange and the database: submitting, waiting, and what the outcomes mean to a client. */
#ifndef STATEMENT_H
#define STATEMENT_H

#include "exchange.h"

/* Submits what exchange->reply names; its rows become the answer. */
void statement_submit(struct exchange *exchange);

/* A statement of the engine's own on the way to the answer; `answered` goes on with what came back. */
void statement_ask(struct exchange *exchange, unsigned statement, const struct param *params, unsigned count,
                   void (*answered)(struct exchange *exchange, enum db_outcome outcome,
                                    const struct rows *rows));
/* Answers the problem that an outcome other than DB_OK is. */
void statement_failed(struct exchange *exchange, enum db_outcome outcome);

#endif

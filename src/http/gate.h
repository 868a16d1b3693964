/* The gate: everything that a request must pass before its handler, in one order, for all operations (DESIGN
 * 3). */
#ifndef GATE_H
#define GATE_H

#include "exchange.h"

enum gate_verdict {
    GATE_PASS = 0,
    GATE_ANSWERED,
    GATE_ASKS,  /* the database must say whose key this is */
    GATE_WAITS, /* for the database, or the keeper */
};

/* The steps that need neither body nor database. GATE_PASS and GATE_ASKS: go on with gate_go_on(). */
MUST_USE enum gate_verdict gate_head(struct exchange *exchange);
/* The rest, from the step that was reached, the handler included. The exchange is answered afterwards, or
 * waits. */
void gate_go_on(struct exchange *exchange);
/* The handler's turn: also once more, where what it stood on has changed meanwhile. */
void gate_handle(struct exchange *exchange);

/* --- gate_who.c: who asks, and how often they may ---------------------------------------------- */

enum gate_verdict gate_rate(struct exchange *exchange);
enum gate_verdict gate_who(struct exchange *exchange);
enum gate_verdict gate_may(struct exchange *exchange);
/* Asks the database for the key; gate_go_on() follows. */
void gate_ask_key(struct exchange *exchange);

/* --- gate_body.c: the body and the rest of what was sent --------------------------------------- */

enum gate_verdict gate_media_type(struct exchange *exchange);
enum gate_verdict gate_syntax(struct exchange *exchange);
enum gate_verdict gate_schema(struct exchange *exchange);

/* --- gate_upload.c: bodies of bytes -------------------------------------------------------------- */

enum gate_verdict gate_upload(struct exchange *exchange);
enum gate_verdict gate_keep(struct exchange *exchange);

#endif

/* What is done to a client's socket past libmicrohttpd. */
#ifndef SOCKET_H
#define SOCKET_H

#include "exchange.h"

/* Sends the answer at once and ends our side of the connection; what the client still sends can be read on. False
 * where the socket would not take it all. */
MUST_USE bool socket_answer(int fd, const struct answer *answer);
/* The client has ended its side, or is gone. */
bool socket_is_over(int fd);

#endif

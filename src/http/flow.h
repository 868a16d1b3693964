/* What libmicrohttpd asks for the bytes of a streamed answer. */
#ifndef FLOW_H
#define FLOW_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* MHD_ContentReaderCallback; `carrier` is the exchange's. */
ssize_t flow_read(void *carrier, uint64_t position, char *to, size_t room);

#endif

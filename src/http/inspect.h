/* What a file is, by its content. One inspector for each thread. */
#ifndef INSPECT_H
#define INSPECT_H

#include "base/macros.h"
#include "http/media.h"

#include <stdint.h>

struct inspector;

/* NULL when libmagic cannot read its database. */
struct inspector *inspector_new(void);
void inspector_free(struct inspector *inspector); /* accepts NULL */

/* MEDIA_COUNT: nothing that may be uploaded. */
enum media inspect(struct inspector *inspector, int fd, int64_t size);

#endif

/* The names in a ZIP archive's directory. Only archives as plain writers make them: no ZIP64, no parts, nothing
 * in front of the archive or behind it. */
#ifndef ZIP_H
#define ZIP_H

#include "base/slice.h"

#include <stdint.h>

#define ZIP_DIRECTORY_MAX (1 << 20) /* bytes; a document has a few kilobytes */

/* Where the directory lies, from the end of the file (its last ZIP_TAIL_MAX bytes, or all of it). */
#define ZIP_TAIL_MAX (22 + 65535)
struct zip_place {
    uint64_t offset, len;
    unsigned entries;
};
bool zip_find(struct slice tail, uint64_t file_size, struct zip_place *ret);

/* Calls `found` with each name; false if that is no directory of as many entries. */
bool zip_names(struct slice directory, unsigned entries, void (*found)(void *context, struct slice name),
               void *context);

#endif

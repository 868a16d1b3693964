/* The kinds of files that may be uploaded: rows of include/http/media.def. */
#ifndef HTTP_MEDIA_H
#define HTTP_MEDIA_H

#include "base/slice.h"

enum media {
#define MEDIA(name, type, magic, offset, signature, extensions) MEDIA_##name,
#include "http/media.def"
#undef MEDIA
    MEDIA_COUNT
};

const char *media_type(enum media media);
/* MEDIA_COUNT if `type` is none of ours. */
enum media media_of_type(struct slice type);
/* Extensions of such files, each with a blank behind it, the usual one first: "jpg jpeg ". */
const char *media_extensions(enum media media);

#endif

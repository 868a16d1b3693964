/* Any bytes as an uploaded file: whatever is accepted begins as such a file does, and an archive that is a
 * document lists its parts within its bounds. */
#include "../../src/http/inspect.h"
#include "../../src/http/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            __builtin_trap();                                                                                \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice whole;

/* Every name is a view into the directory. */
static void look_at_name(void *context, struct slice name)
{
    unsigned *count = context;
    HOLDS(name.data >= whole.data && name.data + name.len <= whole.data + whole.len);
    ++*count;
}

static void read_as_archive(struct slice bytes)
{
    struct zip_place place;
    unsigned count = 0;
    size_t tail_len = bytes.len < ZIP_TAIL_MAX ? bytes.len : ZIP_TAIL_MAX;
    if (!zip_find((struct slice){bytes.data + bytes.len - tail_len, tail_len}, bytes.len, &place))
        return;
    HOLDS(place.offset <= bytes.len && place.len <= bytes.len - place.offset &&
          place.len <= ZIP_DIRECTORY_MAX);
    whole = (struct slice){bytes.data + place.offset, place.len};
    if (zip_names(whole, place.entries, look_at_name, &count))
        HOLDS(count == place.entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct inspector *inspector;
    if (!inspector && !(inspector = inspector_new()))
        abort();
    read_as_archive((struct slice){(const char *)data, size});
    int fd = memfd_create("upload", MFD_CLOEXEC);
    HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    enum media media = inspect(inspector, fd, (int64_t)size);
    HOLDS(media <= MEDIA_COUNT && (media == MEDIA_COUNT || size > 0));
    if (media == MEDIA_PDF)
        HOLDS(memcmp(data, "%PDF-", 5) == 0);
    if (media == MEDIA_DOCX || media == MEDIA_ODT)
        HOLDS(memcmp(data, "PK\x03\x04", 4) == 0);
    close(fd);
    return 0;
}

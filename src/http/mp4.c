/* Reads the boxes of MP4 files (ISO 14496-12), out of bytes that anybody may have sent. Phones write voice
 * memos under the same brand as films; what tracks are in them is what tells. Not for playing. */
#include "mp4.h"

static uint64_t big_endian(const char *at, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

bool mp4_box(struct slice head, uint64_t left, uint64_t *ret_len, unsigned *ret_inside)
{
    if (head.len < 8)
        return false;
    uint64_t len = big_endian(head.data, 4);
    unsigned inside = 8;
    if (len == 0)
        len = left; /* to the end of the file */
    if (len == 1) {
        if (head.len < 16)
            return false;
        len = big_endian(head.data + 8, 8);
        inside = 16;
    }
    if (len < inside || len > left)
        return false;
    *ret_len = len;
    *ret_inside = inside;
    return true;
}

/* The content of the next box of `rest` that is called `name`; NULL when there is none. */
static struct slice next_box(struct slice *rest, const char *name)
{
    uint64_t len;
    unsigned inside;
    while (rest->data && mp4_box(*rest, rest->len, &len, &inside)) {
        struct slice content = {rest->data + inside, (size_t)len - inside};
        bool is_wanted = memcmp(rest->data + 4, name, 4) == 0;
        *rest = (struct slice){rest->data + len, rest->len - (size_t)len};
        if (is_wanted)
            return content;
    }
    return (struct slice){0};
}

static bool is_sound_track(struct slice track)
{
    struct slice media = next_box(&track, "mdia"), handler = next_box(&media, "hdlr");
    return handler.data && handler.len >= 12 && memcmp(handler.data + 8, "soun", 4) == 0;
}

bool mp4_is_sound(struct slice movie)
{
    unsigned tracks = 0;
    for (struct slice track; (track = next_box(&movie, "trak")).data; tracks++)
        if (!is_sound_track(track))
            return false;
    return tracks > 0;
}

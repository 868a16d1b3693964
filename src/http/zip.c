/* Reads the directory of a ZIP archive, out of bytes that anybody may have sent: every offset is checked
 * against what is there. Not for unpacking. */
#include "zip.h"

#define END_LEN         22
#define ENTRY_LEN       46
#define END_SIGNATURE   0x06054b50u
#define ENTRY_SIGNATURE 0x02014b50u

static uint32_t u16(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    return bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint32_t u32(const char *at)
{
    return u16(at) | u16(at + 2) << 16;
}

/* The end record is the one whose comment reaches to the end of the file, and nothing lies between it and the
 * directory, so the place of one tells that of the other. */
static bool read_end(const char *end, size_t left, uint64_t at, struct zip_place *ret)
{
    if (u32(end) != END_SIGNATURE || END_LEN + u16(end + 20) != left)
        return false;
    uint32_t disk = u16(end + 4), directory_disk = u16(end + 6), entries = u16(end + 8);
    uint64_t len = u32(end + 12), offset = u32(end + 16);
    if (disk != 0 || directory_disk != 0 || entries != u16(end + 10) || entries == 0 || entries == 0xffff)
        return false;
    if (len > ZIP_DIRECTORY_MAX || offset + len != at)
        return false;
    *ret = (struct zip_place){offset, len, entries};
    return true;
}

bool zip_find(struct slice tail, uint64_t file_size, struct zip_place *ret)
{
    for (size_t left = END_LEN; left <= tail.len; left++)
        if (read_end(tail.data + tail.len - left, left, file_size - left, ret))
            return true;
    return false;
}

bool zip_names(struct slice directory, unsigned entries, void (*found)(void *context, struct slice name),
               void *context)
{
    size_t at = 0;
    for (unsigned i = 0; i < entries; i++) {
        const char *entry = directory.data + at;
        if (directory.len - at < ENTRY_LEN || u32(entry) != ENTRY_SIGNATURE)
            return false;
        size_t name_len = u16(entry + 28), len = ENTRY_LEN + name_len + u16(entry + 30) + u16(entry + 32);
        if (directory.len - at < len)
            return false;
        found(context, (struct slice){entry + ENTRY_LEN, name_len});
        at += len;
    }
    return at == directory.len;
}

/* What a file is, by its content alone: never by its name or by what the client calls it. libmagic names the
 * format, the file's first bytes must agree (media.def), and an office document is one only if its archive
 * lists what such a document consists of.
 *
 * Not for viruses (a scanner's work), nor for whether the content is sound. */
#include "inspect.h"

#include "base/arena.h"
#include "base/log.h"
#include "mp4.h"
#include "zip.h"

#include <magic.h>
#include <stdlib.h>
#include <unistd.h>

#define HEAD_LEN      (256 * 1024)
#define MP4_BOXES_MAX 64 /* of a file, before the one that tells */

/* What no type of ours needs, and what would look further into a file than we want. */
#define FLAGS                                                                                                \
    (MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF |                   \
     MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_APPTYPE | MAGIC_NO_CHECK_ENCODING | MAGIC_NO_CHECK_TOKENS |         \
     MAGIC_NO_CHECK_JSON | MAGIC_NO_CHECK_CSV)

struct inspector {
    magic_t magic;
    char head[HEAD_LEN];
};

static const struct row {
    const char *type, *magic;
    size_t offset;
    struct slice signature;
    const char *extensions;
} rows[] = {
#define MEDIA(name, type, magic, offset, signature, extensions)                                              \
    [MEDIA_##name] = {type, magic, offset, {signature, sizeof(signature) - 1}, extensions},
#include "http/media.def"
#undef MEDIA
};

const char *media_type(enum media media)
{
    return rows[media].type;
}

const char *media_extensions(enum media media)
{
    return rows[media].extensions;
}

enum media media_of_type(struct slice type)
{
    enum media media = 0;
    while (media < MEDIA_COUNT && !slice_is(type, rows[media].type))
        media++;
    return media;
}

struct inspector *inspector_new(void)
{
    struct inspector *inspector = malloc(sizeof *inspector);
    if (!inspector)
        abort();
    inspector->magic = magic_open(FLAGS);
    if (inspector->magic && magic_load(inspector->magic, NULL) == 0)
        return inspector;
    inspector_free(inspector);
    return NULL;
}

void inspector_free(struct inspector *inspector)
{
    if (!inspector)
        return;
    if (inspector->magic)
        magic_close(inspector->magic);
    free(inspector);
}

static bool read_at(int fd, char *to, size_t len, int64_t offset)
{
    while (len > 0) {
        ssize_t got = pread(fd, to, len, offset);
        if (got <= 0)
            return false;
        to += got;
        len -= (size_t)got;
        offset += got;
    }
    return true;
}

/* --- office documents ------------------------------------------------------------------------------ */

enum part {
    PART_TYPES = 1 << 0,
    PART_WORD = 1 << 1,
    PART_MIMETYPE = 1 << 2,
    PART_CONTENT = 1 << 3,
    PART_MACROS = 1 << 4,
};

static void note_part(void *context, struct slice name)
{
    static const struct {
        const char *name;
        enum part part;
    } known[] = {
        {"[Content_Types].xml", PART_TYPES},  {"word/document.xml", PART_WORD},
        {"mimetype", PART_MIMETYPE},          {"content.xml", PART_CONTENT},
        {"word/vbaProject.bin", PART_MACROS},
    };
    unsigned *parts = context;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (slice_is(name, known[i].name))
            *parts |= known[i].part;
}

/* The parts that an archive lists; 0 for what is no archive. */
static unsigned list_parts(struct arena *arena, int fd, int64_t size)
{
    size_t tail_len = size < ZIP_TAIL_MAX ? (size_t)size : ZIP_TAIL_MAX;
    char *tail = arena_alloc(arena, tail_len);
    struct zip_place place;
    unsigned parts = 0;
    if (!read_at(fd, tail, tail_len, size - (int64_t)tail_len) ||
        !zip_find((struct slice){tail, tail_len}, (uint64_t)size, &place))
        return 0;
    char *directory = arena_alloc(arena, place.len);
    if (!read_at(fd, directory, place.len, (int64_t)place.offset) ||
        !zip_names((struct slice){directory, place.len}, place.entries, note_part, &parts))
        return 0;
    return parts;
}

/* An ODT begins with an entry "mimetype", stored as it is, so that its text stands at byte 38. */
static bool begins_as_odt(struct slice head)
{
    static const struct slice start = SLICE("mimetypeapplication/vnd.oasis.opendocument.textPK");
    return head.len >= 30 + start.len && memcmp(head.data + 30, start.data, start.len) == 0;
}

static enum media inspect_archive(struct slice head, int fd, int64_t size)
{
    struct arena arena;
    arena_init(&arena, ZIP_TAIL_MAX + 64);
    unsigned parts = list_parts(&arena, fd, size);
    arena_done(&arena);
    if (parts == (PART_TYPES | PART_WORD))
        return MEDIA_DOCX;
    if ((parts & (PART_MIMETYPE | PART_CONTENT)) == (PART_MIMETYPE | PART_CONTENT) && begins_as_odt(head))
        return MEDIA_ODT;
    return MEDIA_COUNT;
}

/* --- sound in MP4 ---------------------------------------------------------------------------------- */

/* Voice memos of phones: the brand of films, but all that is in them is sound. */
static bool holds_sound_alone(int fd, int64_t size)
{
    char head[16];
    uint64_t len;
    unsigned inside, boxes = 0;
    for (int64_t at = 0; size - at >= 16 && boxes < MP4_BOXES_MAX; at += (int64_t)len, boxes++) {
        if (!read_at(fd, head, sizeof head, at) ||
            !mp4_box((struct slice){head, sizeof head}, (uint64_t)(size - at), &len, &inside))
            return false;
        if (memcmp(head + 4, "moov", 4) != 0)
            continue;
        struct arena arena;
        size_t movie_len = (size_t)len - inside;
        if (movie_len > MP4_MOVIE_MAX)
            return false;
        arena_init(&arena, 4096);
        char *movie = arena_alloc(&arena, movie_len);
        bool is_sound =
            read_at(fd, movie, movie_len, at + inside) && mp4_is_sound((struct slice){movie, movie_len});
        arena_done(&arena);
        return is_sound;
    }
    return false;
}

/* --- all ------------------------------------------------------------------------------------------- */

static bool is_signed_as(const struct row *row, struct slice head)
{
    size_t len = row->signature.len;
    return head.len >= row->offset + len && memcmp(head.data + row->offset, row->signature.data, len) == 0;
}

enum media inspect(struct inspector *inspector, int fd, int64_t size)
{
    struct slice head = {inspector->head, size < HEAD_LEN ? (size_t)size : HEAD_LEN};
    if (!read_at(fd, inspector->head, head.len, 0)) {
        log_error("inspect.unreadable");
        return MEDIA_COUNT;
    }
    if (is_signed_as(&rows[MEDIA_DOCX], head))
        return inspect_archive(head, fd, size);
    const char *told = magic_buffer(inspector->magic, head.data, head.len);
    for (enum media media = 0; told && media < MEDIA_COUNT; media++)
        if (strcmp(told, rows[media].magic) == 0 && is_signed_as(&rows[media], head))
            return media;
    if (told && is_signed_as(&rows[MEDIA_M4A], head) && holds_sound_alone(fd, size))
        return MEDIA_M4A;
    return MEDIA_COUNT;
}

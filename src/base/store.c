/* Content-addressed files (base/store.h). The names in a part (the 256 folders under the first two digits)
 * change under a lock on that folder, which orders a keep and a removal of the same content, whichever
 * process does them: the one marks it as young, the other leaves young content alone.
 *
 * Not for what is in a file, nor for who may see it. */
#include "base/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PART_LEN 2 /* hex digits that name a part; the rest names the file in it */
#define HEX_LEN  (2 * DIGEST_LEN)

#define PARTS 256

struct store {
    int folder_fd;
    atomic_bool is_durable[PARTS]; /* the part's folder survives a crash, as far as this process knows */
};

struct name {
    uint8_t number; /* of the part */
    char part[PART_LEN + 1], file[HEX_LEN - PART_LEN + 1];
};

static struct name name_of(const uint8_t sha256[DIGEST_LEN])
{
    static const char digits[] = "0123456789abcdef";
    struct name name = {.number = sha256[0]};
    for (size_t i = 0; i < HEX_LEN; i++) {
        char digit = digits[sha256[i / 2] >> (i % 2 ? 0 : 4) & 15];
        *(i < PART_LEN ? &name.part[i] : &name.file[i - PART_LEN]) = digit;
    }
    return name;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* --- life -------------------------------------------------------------------------------------- */

static bool takes_unnamed(int folder_fd)
{
    CLEANUP(close_fd) int fd = openat(folder_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd >= 0;
}

struct store *store_open(const char *folder)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return NULL;
    int folder_fd = open(folder, O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        return NULL;
    if (!takes_unnamed(folder_fd) && store_result_of(errno) != STORE_FULL) {
        int error = errno;
        close(folder_fd);
        errno = error;
        return NULL;
    }
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        abort();
    store->folder_fd = folder_fd;
    return store;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    close(store->folder_fd);
    free(store);
}

/* --- in ---------------------------------------------------------------------------------------- */

enum store_result store_result_of(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STORE_FULL;
    case ENOENT:
        return STORE_ABSENT;
    default:
        return STORE_FAILED;
    }
}

static bool has_room(const struct store *store, int64_t reserve)
{
    struct statvfs disk;
    return fstatvfs(store->folder_fd, &disk) != 0 ||
           (uint64_t)disk.f_bavail * disk.f_frsize >= (uint64_t)reserve;
}

enum store_result store_begin(const struct store *store, int64_t reserve, int *ret_fd)
{
    if (!has_room(store, reserve)) {
        errno = ENOSPC;
        return STORE_FULL;
    }
    int fd = openat(store->folder_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return store_result_of(errno);
    *ret_fd = fd;
    return STORE_OK;
}

/* That the folder is there is no proof that it was written: whoever made it may have failed at that. */
static bool make_part(struct store *store, const struct name *name)
{
    atomic_bool *is_durable = &store->is_durable[name->number];
    if (atomic_load(is_durable))
        return true;
    if (mkdirat(store->folder_fd, name->part, 0700) != 0 && errno != EEXIST)
        return false;
    if (fsync(store->folder_fd) != 0)
        return false;
    atomic_store(is_durable, true);
    return true;
}

/* The folder of a part, locked until it is closed; -1: errno says why. */
static int open_part(const struct store *store, const char *part)
{
    int fd = openat(store->folder_fd, part, O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Of a file without a name only the process's own link to it can be followed. */
static bool give_name(int fd, int part_fd, const char *file, bool *ret_is_new)
{
    char own[32];
    snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    *ret_is_new = linkat(AT_FDCWD, own, part_fd, file, AT_SYMLINK_FOLLOW) == 0;
    return *ret_is_new || (errno == EEXIST && utimensat(part_fd, file, NULL, 0) == 0);
}

/* What could not be written for good is taken back, unless it was there before. */
static enum store_result name_durably(int fd, int part_fd, const char *file)
{
    bool is_new;
    if (!give_name(fd, part_fd, file, &is_new))
        return store_result_of(errno);
    if (fsync(part_fd) == 0)
        return STORE_OK;
    enum store_result result = store_result_of(errno);
    if (is_new)
        (void)unlinkat(part_fd, file, 0);
    return result;
}

enum store_result store_keep(struct store *store, int fd, const uint8_t sha256[DIGEST_LEN])
{
    const struct name name = name_of(sha256);
    if (futimens(fd, NULL) != 0 || fsync(fd) != 0 || !make_part(store, &name))
        return store_result_of(errno);
    CLEANUP(close_fd) int part_fd = open_part(store, name.part);
    return part_fd < 0 ? store_result_of(errno) : name_durably(fd, part_fd, name.file);
}

/* --- out --------------------------------------------------------------------------------------- */

enum store_result store_read(const struct store *store, const uint8_t sha256[DIGEST_LEN], int *ret_fd,
                             int64_t *ret_size)
{
    const struct name name = name_of(sha256);
    char path[sizeof name + 1];
    struct stat facts;
    snprintf(path, sizeof path, "%s/%s", name.part, name.file);
    int fd = openat(store->folder_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return store_result_of(errno);
    if (fstat(fd, &facts) != 0) {
        close(fd);
        return STORE_FAILED;
    }
    *ret_fd = fd;
    *ret_size = facts.st_size;
    return STORE_OK;
}

enum store_result store_remove(const struct store *store, const uint8_t sha256[DIGEST_LEN], int64_t before_s)
{
    const struct name name = name_of(sha256);
    struct stat facts;
    CLEANUP(close_fd) int part_fd = open_part(store, name.part);
    if (part_fd < 0)
        return errno == ENOENT ? STORE_OK : STORE_FAILED;
    if (fstatat(part_fd, name.file, &facts, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? STORE_OK : STORE_FAILED;
    if (facts.st_mtim.tv_sec >= before_s)
        return STORE_OK;
    return unlinkat(part_fd, name.file, 0) == 0 ? STORE_OK : STORE_FAILED;
}

/* --- all --------------------------------------------------------------------------------------- */

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What is not named like content is none of ours. */
static bool read_name(unsigned part, const char *file, uint8_t ret[DIGEST_LEN])
{
    if (strlen(file) != HEX_LEN - PART_LEN)
        return false;
    ret[0] = (uint8_t)part;
    for (size_t i = 1; i < DIGEST_LEN; i++) {
        int high = nibble(file[2 * i - PART_LEN]), low = nibble(file[2 * i - PART_LEN + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

enum store_result store_walk(const struct store *store, unsigned part,
                             void (*found)(void *context, const uint8_t sha256[DIGEST_LEN]), void *context)
{
    char name[PART_LEN + 1];
    uint8_t sha256[DIGEST_LEN];
    snprintf(name, sizeof name, "%02x", part & 0xffu);
    int fd = openat(store->folder_fd, name, O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? STORE_OK : STORE_FAILED;
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return STORE_FAILED;
    }
    for (const struct dirent *entry; (entry = readdir(folder));)
        if (read_name(part, entry->d_name, sha256))
            found(context, sha256);
    closedir(folder);
    return STORE_OK;
}

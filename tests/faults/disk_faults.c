/* A disk that fails: loaded before the C library, it lets one call of the server's fail with the errno that the file
 * $DISK_FAULT names ("fsync_folder 28"), as long as that file is there. What the call would have done is not done. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fails(const char *call)
{
    char name[32] = "";
    int error = 0;
    FILE *plan = fopen(getenv("DISK_FAULT"), "re");
    if (!plan)
        return false;
    bool is_meant = fscanf(plan, "%31s %d", name, &error) == 2 && strcmp(name, call) == 0;
    fclose(plan);
    if (is_meant)
        errno = error;
    return is_meant;
}

static bool is_folder(int fd)
{
    struct stat facts;
    return fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode);
}

int fsync(int fd)
{
    int (*next)(int) = dlsym(RTLD_NEXT, "fsync");
    return fails(is_folder(fd) ? "fsync_folder" : "fsync_file") ? -1 : next(fd);
}

int linkat(int from, const char *path, int to, const char *name, int flags)
{
    int (*next)(int, const char *, int, const char *, int) = dlsym(RTLD_NEXT, "linkat");
    return fails("linkat") ? -1 : next(from, path, to, name, flags);
}

int utimensat(int fd, const char *name, const struct timespec times[2], int flags)
{
    int (*next)(int, const char *, const struct timespec *, int) = dlsym(RTLD_NEXT, "utimensat");
    return fails("utimensat") ? -1 : next(fd, name, times, flags);
}

int mkdirat(int fd, const char *name, mode_t mode)
{
    int (*next)(int, const char *, mode_t) = dlsym(RTLD_NEXT, "mkdirat");
    return fails("mkdirat") ? -1 : next(fd, name, mode);
}

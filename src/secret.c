/* Reads the server's secret, and refuses one that others may read too. Not for making one: whoever installs
 * the server does that (script/server, the package), because a secret that changes by itself loses every
 * receipt. */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MIN 32
#define SECRET_MAX 4096

static bool refuse(const struct cli *cli, const char *why)
{
    cli_complain(cli, "setting secret_file: %s: %s",
                 cli->settings.secret_file[0] ? cli->settings.secret_file : "not set", why);
    return false;
}

/* What is wrong with the file, or NULL. */
static const char *fault_of(int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return strerror(errno);
    if (!S_ISREG(info.st_mode))
        return "not a file";
    if (info.st_mode & (S_IRWXG | S_IRWXO))
        return "group or others have rights on it; make it mode 0600";
    if (info.st_size < SECRET_MIN)
        return "shorter than 32 bytes";
    return info.st_size > SECRET_MAX ? "longer than 4096 bytes" : NULL;
}

/* All of the file counts, however long it is. */
static bool digest_of(int fd, struct secret *ret)
{
    char bytes[SECRET_MAX];
    ssize_t len = read(fd, bytes, sizeof bytes);
    bool is_whole = len >= SECRET_MIN;
    if (is_whole)
        crypto_sha256((struct slice){bytes, (size_t)len}, ret->bytes);
    explicit_bzero(bytes, sizeof bytes);
    return is_whole;
}

bool secret_read(const struct cli *cli, struct secret *ret)
{
    if (cli->settings.secret_file[0] == '\0')
        return refuse(cli, "a file of at least 32 random bytes is needed");
    int fd = open(cli->settings.secret_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return refuse(cli, strerror(errno));
    const char *fault = fault_of(fd);
    bool is_read = !fault && digest_of(fd, ret);
    close(fd);
    return is_read || refuse(cli, fault ? fault : "could not be read");
}

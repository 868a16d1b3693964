/* Looks for every operationId in the files of a folder of tests. That a test mentions an operation does not
 * say that it tests it well; that none does says that nobody tried. */
#include "check_tests.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TESTS_DEFAULT  "tests/api"
#define TEST_BYTES_MAX ((size_t)1024 * 1024)

/* The word `id` in `text`, not as a part of a longer one. */
static bool mentions(const char *text, const char *id)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t len = strlen(id);
    for (const char *at = strstr(text, id); at; at = strstr(at + len, id)) {
        bool starts = at == text || !strchr(letters, at[-1]);
        if (starts && (at[len] == '\0' || !strchr(letters, at[len])))
            return true;
    }
    return false;
}

/* Marks the operations that the file mentions. */
static bool read_test(const struct cli *cli, const char *path, const struct contract *contract,
                      bool *mentioned)
{
    CLEANUP(close_text) char *text = NULL;
    size_t len = 0;
    if (!open_file(cli, path, TEST_BYTES_MAX, &text, &len))
        return false;
    for (size_t i = 0; i < contract_operation_count(contract); i++)
        mentioned[i] |= mentions(text, contract_operation(contract, i)->id);
    return true;
}

static bool is_test(const char *name)
{
    const char *end = strrchr(name, '.');
    return end && (strcmp(end, ".mjs") == 0 || strcmp(end, ".js") == 0 || strcmp(end, ".ts") == 0);
}

static bool read_tests(const struct cli *cli, const char *folder, const struct contract *contract,
                       bool *mentioned)
{
    DIR *directory = opendir(folder);
    if (!directory) {
        cli_complain(cli, "%s: %s", folder, strerror(errno));
        return false;
    }
    bool is_read = true;
    for (const struct dirent *entry; is_read && (entry = readdir(directory));) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        is_read = !is_test(entry->d_name) || read_test(cli, path, contract, mentioned);
    }
    closedir(directory);
    return is_read;
}

static unsigned count_missing(const struct contract *contract, const bool *mentioned)
{
    unsigned missing = 0;
    for (size_t i = 0; i < contract_operation_count(contract); i++) {
        if (mentioned[i])
            continue;
        fprintf(stderr, "no test mentions %s\n", contract_operation(contract, i)->id);
        missing++;
    }
    return missing;
}

unsigned check_tests(const struct cli *cli, const struct contract *contract)
{
    const char *folder = cli_value(cli, "tests");
    struct stat info;
    if (!folder && stat(TESTS_DEFAULT, &info) != 0)
        return 0;
    bool *mentioned = calloc(contract_operation_count(contract), sizeof *mentioned);
    if (!mentioned)
        abort();
    bool is_read = read_tests(cli, folder ? folder : TESTS_DEFAULT, contract, mentioned);
    unsigned missing = is_read ? count_missing(contract, mentioned) : 1;
    free(mentioned);
    return missing;
}

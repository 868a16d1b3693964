/* The store: content comes back as it was, once however often it is kept; nothing has a name before it is
 * kept; what is young is not removed. */
#include "unit.h"

#include "base/clock.h"
#include "base/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define YEAR_S (365 * 24 * 3600)

struct place {
    char folder[64], inside[80];
    struct store *store;
};

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    snprintf(place->folder, sizeof place->folder, "/tmp/mosharekat-store-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->inside, sizeof place->inside, "%s/files", place->folder);
    place->store = store_open(place->inside);
    assert_non_null(place->store);
    *state = place;
    return 0;
}

/* Empties a folder, and counts the files in it. */
static unsigned clear(const char *folder)
{
    unsigned files = 0;
    char path[512];
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        if (unlink(path) == 0) {
            files++;
        } else {
            files += clear(path);
            rmdir(path);
        }
    }
    if (dir)
        closedir(dir);
    return files;
}

static int close_place(void **state)
{
    struct place *place = *state;
    store_close(place->store);
    clear(place->folder);
    rmdir(place->folder);
    free(place);
    return 0;
}

static int begun(const struct place *place, const char *text)
{
    int fd = -1;
    assert_int_equal(store_begin(place->store, 0, &fd), STORE_OK);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    return fd;
}

static void keep(const struct place *place, const char *text, uint8_t sha256[DIGEST_LEN])
{
    int fd = begun(place, text);
    crypto_sha256(slice_of(text), sha256);
    assert_int_equal(store_keep(place->store, fd, sha256), STORE_OK);
    close(fd);
}

static void assert_content(const struct place *place, const uint8_t sha256[DIGEST_LEN], const char *text)
{
    char read_back[64] = "";
    int64_t size = 0;
    int fd = -1;
    assert_int_equal(store_read(place->store, sha256, &fd, &size), STORE_OK);
    assert_int_equal(size, strlen(text));
    assert_int_equal(read(fd, read_back, sizeof read_back), size);
    assert_string_equal(read_back, text);
    close(fd);
}

static void what_is_kept_comes_back(void **state)
{
    const struct place *place = *state;
    uint8_t one[DIGEST_LEN], two[DIGEST_LEN];
    keep(place, "one", one);
    keep(place, "two", two);
    assert_content(place, one, "one");
    assert_content(place, two, "two");
}

static void the_same_content_is_there_once(void **state)
{
    const struct place *place = *state;
    uint8_t sha256[DIGEST_LEN];
    for (int i = 0; i < 3; i++)
        keep(place, "again", sha256);
    assert_content(place, sha256, "again");
    assert_int_equal(clear(place->inside), 1);
}

static void what_is_not_kept_has_no_name(void **state)
{
    const struct place *place = *state;
    int fd = begun(place, "half");
    assert_int_equal(clear(place->inside), 0);
    close(fd);
    assert_int_equal(clear(place->inside), 0);
}

static void what_is_not_there_is_absent(void **state)
{
    const struct place *place = *state;
    uint8_t sha256[DIGEST_LEN];
    int64_t size;
    int fd;
    crypto_sha256(SLICE("nothing"), sha256);
    assert_int_equal(store_read(place->store, sha256, &fd, &size), STORE_ABSENT);
    assert_int_equal(store_remove(place->store, sha256, INT64_MAX), STORE_OK);
}

static void a_reserve_is_left_alone(void **state)
{
    const struct place *place = *state;
    int fd = -1;
    assert_int_equal(store_begin(place->store, INT64_MAX, &fd), STORE_FULL);
    assert_int_equal(fd, -1);
}

static void only_old_content_is_removed(void **state)
{
    const struct place *place = *state;
    uint8_t sha256[DIGEST_LEN];
    int64_t now_s = clock_now_us() / CLOCK_SECOND_US, size;
    int fd;
    keep(place, "text", sha256);
    assert_int_equal(store_remove(place->store, sha256, now_s - 60), STORE_OK);
    assert_content(place, sha256, "text");
    assert_int_equal(store_remove(place->store, sha256, now_s + YEAR_S), STORE_OK);
    assert_int_equal(store_read(place->store, sha256, &fd, &size), STORE_ABSENT);
}

static void keeping_again_makes_it_young(void **state)
{
    const struct place *place = *state;
    uint8_t sha256[DIGEST_LEN];
    int64_t now_s = clock_now_us() / CLOCK_SECOND_US, size;
    const struct timespec old[2] = {{.tv_sec = now_s - YEAR_S}, {.tv_sec = now_s - YEAR_S}};
    int fd;
    keep(place, "text", sha256);
    assert_int_equal(store_read(place->store, sha256, &fd, &size), STORE_OK);
    assert_int_equal(futimens(fd, old), 0);
    close(fd);
    keep(place, "text", sha256);
    assert_int_equal(store_remove(place->store, sha256, now_s - 60), STORE_OK);
    assert_content(place, sha256, "text");
}

static void count_one(void *context, const uint8_t sha256[DIGEST_LEN])
{
    unsigned *counts = context;
    counts[sha256[0]]++;
}

static void a_walk_finds_all_of_a_part_and_nothing_else(void **state)
{
    const struct place *place = *state;
    unsigned kept[256] = {0}, found[256] = {0};
    char text[32], stray[128];
    uint8_t sha256[DIGEST_LEN];
    for (int i = 0; i < 300; i++) {
        snprintf(text, sizeof text, "file %d", i);
        keep(place, text, sha256);
        kept[sha256[0]]++;
    }
    snprintf(stray, sizeof stray, "%s/%02x/README", place->inside, sha256[0]);
    close(open(stray, O_CREAT | O_WRONLY, 0600));
    for (unsigned part = 0; part < 256; part++)
        assert_int_equal(store_walk(place->store, part, count_one, found), STORE_OK);
    assert_memory_equal(kept, found, sizeof kept);
}

static void a_folder_that_cannot_be_is_refused(void **state)
{
    (void)state;
    assert_null(store_open("/nowhere/at/all"));
    assert_null(store_open("/dev/null"));
    assert_null(store_open("/proc/self")); /* knows no files without a name */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_kept_comes_back, open_place, close_place),
        cmocka_unit_test_setup_teardown(the_same_content_is_there_once, open_place, close_place),
        cmocka_unit_test_setup_teardown(what_is_not_kept_has_no_name, open_place, close_place),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_absent, open_place, close_place),
        cmocka_unit_test_setup_teardown(a_reserve_is_left_alone, open_place, close_place),
        cmocka_unit_test_setup_teardown(only_old_content_is_removed, open_place, close_place),
        cmocka_unit_test_setup_teardown(keeping_again_makes_it_young, open_place, close_place),
        cmocka_unit_test_setup_teardown(a_walk_finds_all_of_a_part_and_nothing_else, open_place, close_place),
        cmocka_unit_test(a_folder_that_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

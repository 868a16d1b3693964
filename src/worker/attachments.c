/* The files of attachments: what nobody needs is removed from the store, what waits is shown to the virus
 * scanner. Rows first, files second: a worker that dies between leaves a file too many, which the sweep
 * finds, and never a row without its file. */
#include "jobs.h"

#include "base/log.h"
#include "base/store.h"
#include "clamd.h"
#include "statements.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#define PARTS           256
#define SWEEP_EVERY_MS  20000
#define YOUNG_S         600 /* a row may be on its way for content that was kept since */
#define SCAN_TIMEOUT_MS 20000
#define SCAN_AGAIN_S    30
#define SCAN_BEHIND_S                                                                                        \
    10 /* more, for one that was tried: it is never again in front of those that it held up */
#define ARENA_CHUNK (64 * 1024)

/* NULL: there is none, or it cannot be had (said so). */
static struct store *open_store(const struct settings *settings)
{
    char folder[SETTING_TEXT_MAX + 16];
    if (!settings->state_dir[0])
        return NULL;
    snprintf(folder, sizeof folder, "%s/attachments", settings->state_dir);
    struct store *store = store_open(folder);
    if (!store)
        log_warn("attachments.no_store", log_int("errno", errno));
    return store;
}

static void close_store(struct store **store)
{
    store_close(*store);
}

static void free_rows(struct rows **rows)
{
    rows_free(*rows);
}

static void free_json(json_t **json)
{
    json_decref(*json);
}

/* --- contents, in hexadecimal -------------------------------------------------------------------- */

static json_t *contents_of(const struct rows *rows)
{
    struct slice text = rows_text(rows, 0, rows_column(rows, "contents"));
    return text.data ? json_loadb(text.data, text.len, 0, NULL) : json_array();
}

static int nibble(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Of what the database encoded. */
static void read_hex(const json_t *content, uint8_t ret[DIGEST_LEN])
{
    const char *text = json_string_value(content);
    for (size_t i = 0; i < DIGEST_LEN; i++)
        ret[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
}

static void remove_contents(const struct store *store, const json_t *contents, int64_t now_us)
{
    size_t i;
    const json_t *content;
    json_array_foreach ((json_t *)contents, i, content) {
        uint8_t sha256[DIGEST_LEN];
        read_hex(content, sha256);
        if (store_remove(store, sha256, now_us / CLOCK_SECOND_US - YOUNG_S) != STORE_OK)
            log_warn("attachments.not_removed", log_int("errno", errno));
    }
}

static int64_t now_of(const struct rows *rows)
{
    return rows_instant_us(rows, 0, rows_column(rows, "now"));
}

/* --- what nobody needs --------------------------------------------------------------------------- */

enum db_outcome attachments_forget(const struct job_context *context, const struct rows *rows, int64_t *done)
{
    if (*done == 0)
        return DB_OK;
    CLEANUP(close_store) struct store *store = open_store(context->settings);
    CLEANUP(free_json) json_t *contents = contents_of(rows);
    if (store)
        remove_contents(store, contents, now_of(rows));
    return DB_OK;
}

struct listing {
    struct arena arena;
    struct slice *items;
    size_t count, cap;
};

static void list_content(void *context, const uint8_t sha256[DIGEST_LEN])
{
    struct listing *listing = context;
    if (listing->count == listing->cap) {
        listing->cap = listing->cap ? 2 * listing->cap : 64;
        struct slice *items = arena_alloc_array(&listing->arena, listing->cap, sizeof *items);
        if (listing->count > 0)
            memcpy(items, listing->items, listing->count * sizeof *items);
        listing->items = items;
    }
    listing->items[listing->count++] = slice_of(crypto_hex(&listing->arena, sha256, DIGEST_LEN));
}

static enum db_outcome sweep_part(const struct job_context *context, const struct store *store, unsigned part,
                                  int64_t now_us)
{
    struct listing listing = {.count = 0};
    CLEANUP(free_rows) struct rows *rows = NULL;
    enum db_outcome outcome = DB_OK;
    arena_init(&listing.arena, ARENA_CHUNK);
    if (store_walk(store, part, list_content, &listing) != STORE_OK)
        log_warn("attachments.not_walked", log_int("errno", errno));
    struct param contents = as_texts(listing.items, listing.count);
    if (listing.count > 0)
        outcome = session_run(context->session, SQL_SWEEP_UNUSED, &contents, 1, &rows);
    arena_done(&listing.arena);
    if (outcome != DB_OK || !rows)
        return outcome;
    CLEANUP(free_json) json_t *unused = contents_of(rows);
    remove_contents(store, unused, now_us);
    return DB_OK;
}

/* The whole store when the worker begins, then a part at a time, for ever. */
enum db_outcome attachments_sweep(const struct job_context *context, const struct rows *rows, int64_t *done)
{
    static unsigned swept;
    static int64_t next_ms;
    (void)done;
    if (swept >= PARTS && clock_mono_ms() < next_ms)
        return DB_OK;
    CLEANUP(close_store) struct store *store = open_store(context->settings);
    enum db_outcome outcome = DB_OK;
    next_ms = clock_mono_ms() + SWEEP_EVERY_MS;
    do {
        if (store)
            outcome = sweep_part(context, store, swept % PARTS, now_of(rows));
        swept++;
        worker_let_others(context->hand);
    } while (swept < PARTS && outcome == DB_OK && !worker_is_stopping(context->hand));
    return outcome;
}

/* --- the virus scanner --------------------------------------------------------------------------- */

static bool is_stopping(const void *hand)
{
    return worker_is_stopping(hand);
}

/* -1: it cannot be read. */
static int open_content(const struct store *store, const json_t *content)
{
    uint8_t sha256[DIGEST_LEN];
    int64_t size;
    int fd;
    read_hex(content, sha256);
    if (store_read(store, sha256, &fd, &size) == STORE_OK)
        return fd;
    log_warn("attachments.unreadable", log_int("errno", errno));
    return -1;
}

static enum scan_verdict scan_content(const struct job_context *context, int fd)
{
    enum scan_verdict verdict =
        clamd_scan(context->settings->clamd, fd, SCAN_TIMEOUT_MS, is_stopping, context->hand);
    close(fd);
    return verdict;
}

static enum db_outcome tell_verdict(struct session *session, const json_t *content, enum scan_verdict verdict,
                                    int64_t wait_s)
{
    static const char *const names[] = {
        [SCAN_CLEAN] = "clean", [SCAN_INFECTED] = "infected", [SCAN_NO_ANSWER] = "waiting"};
    CLEANUP(free_rows) struct rows *rows = NULL;
    const struct param params[] = {as_text(json_string_value(content)), as_text(names[verdict]),
                                   as_int(wait_s)};
    return session_run(session, SQL_SCAN_TELL, params, ARRAY_LEN(params), &rows);
}

/* A scanner that gives no answer is asked no more in this pass, and about none of these for a while. A file that
 * cannot be read says nothing of the scanner. */
enum db_outcome attachments_scan(const struct job_context *context, const struct rows *rows, int64_t *done)
{
    CLEANUP(free_json) json_t *contents = contents_of(rows);
    CLEANUP(close_store) struct store *store = NULL;
    size_t i;
    const json_t *content;
    bool has_scanner = context->settings->clamd[0];
    if (json_array_size(contents) > 0 && has_scanner)
        store = open_store(context->settings);
    json_array_foreach (contents, i, content) {
        bool is_tried = store && has_scanner;
        int fd = is_tried ? open_content(store, content) : -1;
        enum scan_verdict verdict = fd >= 0 ? scan_content(context, fd) : SCAN_NO_ANSWER;
        if (worker_is_stopping(context->hand))
            return DB_OK;
        if (fd >= 0 && verdict == SCAN_NO_ANSWER) {
            log_warn("attachments.not_scanned");
            has_scanner = false;
        }
        enum db_outcome outcome =
            tell_verdict(context->session, content, verdict, SCAN_AGAIN_S + (is_tried ? SCAN_BEHIND_S : 0));
        if (outcome != DB_OK)
            return outcome;
        *done += verdict != SCAN_NO_ANSWER;
    }
    return DB_OK;
}

/* Uploads on the loop's side (upload.h): pieces are hashed and written as they come, which costs what a copy
 * to the page cache costs; all that may wait for the disk is left to the keeper. */
#include "upload.h"

#include "base/log.h"
#include "engine.h"
#include "gate.h"

#include <errno.h>
#include <unistd.h>

/* --- transfers --------------------------------------------------------------------------------- */

bool transfer_begin(struct exchange *exchange)
{
    struct shared *shared = exchange->engine->shared;
    if (exchange->has_transfer)
        return true;
    if (atomic_fetch_add(&shared->transfers, 1) >= (unsigned)shared->settings->transfers) {
        atomic_fetch_sub(&shared->transfers, 1);
        return false;
    }
    exchange->has_transfer = true;
    return true;
}

void transfer_end(struct exchange *exchange)
{
    if (exchange->has_transfer)
        atomic_fetch_sub(&exchange->engine->shared->transfers, 1);
    exchange->has_transfer = false;
}

/* --- uploads ----------------------------------------------------------------------------------- */

/* Frees the disk at once, not only when the request is over. */
static void drop_file(struct upload *upload)
{
    if (upload->has_file)
        close(upload->job.fd);
    upload->has_file = false;
}

static void fail(struct upload *upload, enum store_result result)
{
    upload->problem = result == STORE_FULL ? PROBLEM_storage_full : PROBLEM_unavailable;
    log_error("upload.not_written", log_int("errno", errno));
    drop_file(upload);
}

bool upload_begin(struct exchange *exchange)
{
    const struct shared *shared = exchange->engine->shared;
    struct upload *upload = arena_alloc(&exchange->request.arena, sizeof *upload);
    exchange->upload = upload;
    upload->exchange = exchange;
    upload->problem = PROBLEM_COUNT;
    if (!shared->store) {
        upload->problem = PROBLEM_unavailable;
        return false;
    }
    if (!transfer_begin(exchange)) {
        upload->problem = PROBLEM_overloaded;
        return false;
    }
    enum store_result result = store_begin(shared->store, shared->settings->disk_reserve, &upload->job.fd);
    if (result != STORE_OK) {
        fail(upload, result);
        return false;
    }
    upload->has_file = true;
    upload->hash = crypto_hash_new();
    return true;
}

static void write_all(struct upload *upload, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(upload->job.fd, data, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0) {
            fail(upload, store_result_of(errno));
            return;
        }
        data += wrote;
        len -= (size_t)wrote;
    }
}

static void write_piece(struct exchange *exchange, const char *data, size_t len)
{
    if (!exchange->upload && !upload_begin(exchange))
        return;
    struct upload *upload = exchange->upload;
    if (!upload->has_file)
        return;
    if (len > exchange->body_max - (size_t)upload->job.size) {
        exchange->is_body_too_large = true;
        drop_file(upload);
        return;
    }
    upload->job.size += (int64_t)len;
    crypto_hash_add(upload->hash, (struct slice){data, len});
    write_all(upload, data, len);
}

void upload_take(struct exchange *exchange, const char *data, size_t len)
{
    if (exchange->is_streamed) {
        write_piece(exchange, data, len);
        return;
    }
    buffer_append(&exchange->body, data, len);
    exchange->is_body_too_large = exchange->body.overflow;
}

void upload_keep(struct exchange *exchange)
{
    struct upload *upload = exchange->upload;
    crypto_hash_end(upload->hash, upload->job.sha256);
    upload->hash = NULL;
    upload->job.box = &exchange->engine->box;
    exchange->engine->waiting++;
    keeper_submit(exchange->engine->shared->keeper, &upload->job);
}

static void take_result(struct upload *upload)
{
    static const enum problem problems[] = {
        [KEEP_DONE] = PROBLEM_COUNT,
        [KEEP_NOT_ACCEPTED] = PROBLEM_unsupported_media_type,
        [KEEP_FULL] = PROBLEM_storage_full,
        [KEEP_FAILED] = PROBLEM_unavailable,
    };
    upload->is_kept = true;
    upload->problem = problems[upload->job.result];
    if (upload->problem != PROBLEM_COUNT)
        return;
    upload->file.size = upload->job.size;
    upload->file.media_type = media_type(upload->job.media);
    memcpy(upload->file.sha256, upload->job.sha256, DIGEST_LEN);
}

void upload_kept(struct keep_job *job)
{
    struct upload *upload = CONTAINER_OF(job, struct upload, job);
    struct exchange *exchange = upload->exchange;
    exchange->engine->waiting--;
    take_result(upload);
    drop_file(upload);
    exchange->is_running = true;
    gate_go_on(exchange);
    exchange->is_running = false;
    if (exchange->is_answered)
        exchange_answered(exchange);
}

void upload_end(struct exchange *exchange)
{
    struct upload *upload = exchange->upload;
    transfer_end(exchange);
    if (!upload)
        return;
    drop_file(upload);
    crypto_hash_free(upload->hash);
    exchange->upload = NULL;
}

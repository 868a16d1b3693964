/* Uploaded files: taken in before they belong to anybody, given to staff and to the citizen of their case.
 * Which case takes them is said where cases are filed and answered; how bytes get to the disk and back is
 * the engine's business.
 *
 * The id of an upload is all that it takes to put it into a case, once, within a day: 64 random bits (of a
 * version 7 id) or a keyed hash of the Idempotency-Key are beyond guessing at a limited rate. */
#include "cases.h"
#include "track.h"

#include "http/media.h"

#define SANDBOX "default-src 'none'; sandbox"

struct reply attachment_upload(struct request *req)
{
    const struct stored_file *file = req->file;
    bool is_scanned = request_settings(req)->clamd[0];
    return created(req, SQL_ATTACHMENT_UPLOAD, as_uuid(request_new_id(req)), as_org(req),
                   as_bytes(file->sha256, sizeof file->sha256), as_int(file->size), as_text(file->media_type),
                   request_param(req, "name"), as_now(req), as_text(is_scanned ? "waiting" : "none"),
                   as_actor(req), as_request_digest(req));
}

/* --- the name that a browser saves it under (RFC 6266) ----------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether the name ends as one of the extensions ("jpg jpeg "). */
static bool ends_as(struct slice name, const char *extensions)
{
    for (size_t len; (len = strcspn(extensions, " ")) > 0; extensions += len + 1) {
        if (name.len <= len + 1 || name.data[name.len - len - 1] != '.')
            continue;
        size_t same = 0;
        while (same < len && lower(name.data[name.len - len + same]) == extensions[same])
            same++;
        if (same == len)
            return true;
    }
    return false;
}

/* A name says what the content is, whatever its uploader called it: "x.html" that holds a PDF is saved as
 * "x.html.pdf". */
static struct slice name_of(struct request *req, const struct rows *rows)
{
    struct slice name = rows_text(rows, 0, rows_column(rows, "name"));
    enum media media = media_of_type(rows_text(rows, 0, rows_column(rows, "media_type")));
    const char *extensions = media_extensions(media);
    if (!name.data)
        name = SLICE("attachment");
    if (ends_as(name, extensions))
        return name;
    return slice_of(arena_printf(&req->arena, "%.*s.%.*s", (int)name.len, name.data,
                                 (int)strcspn(extensions, " "), extensions));
}

static void write_encoded(struct buffer *out, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char byte = (unsigned char)c;
    if (is_letter(c) || (c && strchr("-._~", c))) {
        buffer_char(out, c);
    } else {
        buffer_char(out, '%');
        buffer_char(out, digits[byte >> 4]);
        buffer_char(out, digits[byte & 15]);
    }
}

/* Once for those who know no filename* (ASCII alone), once as it is; no part of it is a folder. */
static const char *disposition(struct request *req, struct slice name)
{
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 8 * 1024);
    buffer_str(&out, "attachment; filename=\"");
    for (size_t i = 0; i < name.len; i++)
        if ((signed char)name.data[i] >= 0) /* not within a longer character */
            buffer_char(&out, is_letter(name.data[i]) || strchr("-. ", name.data[i]) ? name.data[i] : '_');
    buffer_str(&out, "\"; filename*=UTF-8''");
    for (size_t i = 0; i < name.len; i++)
        write_encoded(&out, strchr("/\\", name.data[i]) ? '_' : name.data[i]);
    return arena_copy(&req->arena, out.data, out.len);
}

/* --- out --------------------------------------------------------------------------------------- */

static struct reply then_send(struct request *req, const struct rows *rows)
{
    enum media media = media_of_type(rows_text(rows, 0, rows_column(rows, "media_type")));
    if (media == MEDIA_COUNT)
        return refused(internal_error);
    struct reply reply = reply_file(media_type(media), rows_text(rows, 0, rows_column(rows, "sha256")));
    reply_add_header(&reply, "Content-Disposition", disposition(req, name_of(req, rows)));
    reply_add_header(&reply, "Content-Security-Policy", SANDBOX);
    return reply;
}

static struct reply get(struct request *req)
{
    return found(req, SQL_ATTACHMENT_GET, as_org(req), request_param(req, "id"), as_confidential(req));
}

static struct reply then_get(struct request *req, const struct rows *rows)
{
    (void)rows;
    struct reply reply = get(req);
    reply.then = then_send;
    return reply;
}

/* What is confidential is sent only once the reading is on record. */
static struct reply then_record(struct request *req, const struct rows *rows)
{
    if (!rows_bool(rows, 0, rows_column(rows, "confidential")))
        return then_send(req, rows);
    struct uuid case_id = rows_uuid(rows, 0, rows_column(rows, "case_id"));
    struct reply reply = changed(req, SQL_CASE_READING, as_uuid(request_new_id(req)), as_org(req),
                                 as_uuid(case_id), as_now(req), as_actor(req));
    reply.then = then_get;
    return reply;
}

struct reply attachment_get(struct request *req)
{
    struct reply reply = get(req);
    reply.then = then_record;
    return reply;
}

struct reply attachment_track(struct request *req)
{
    struct reply reply = found(req, SQL_ATTACHMENT_TRACK, as_code_hash(req), request_param(req, "id"));
    reply.then = then_send;
    return reply;
}

/* Log lines: built outside the lock, gathered under it, written 64 KB at a time, at log_flush() or at once
 * when they are warnings.
 *
 * Not for people's data (log.h says what must never be logged) and not the audit trail: that is the table of
 * events. A log that cannot be written is dropped; there is nowhere left to say so. */
#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "utf8.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define PENDING_MAX   65536
#define LINE_MAX_LEN  16384
#define VALUE_MAX     1024 /* longer values are cut: a field is a fact, not a document */
#define WRITE_WAIT_MS 100  /* how long a full pipe may hold up the server, per write */

static const char *const level_names[] = {
    [LOG_DEBUG_LEVEL] = "debug",
    [LOG_INFO_LEVEL] = "info",
    [LOG_WARN_LEVEL] = "warn",
    [LOG_ERROR_LEVEL] = "error",
};

static _Atomic int least_level = LOG_INFO_LEVEL;

/* Everything below is under the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = STDERR_FILENO;
static char pending[PENDING_MAX];
static size_t pending_len;

static void write_all(const char *data, size_t len)
{
    while (len > 0) {
        ssize_t written = write(log_fd, data, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EAGAIN) {
            struct pollfd waiting = {.fd = log_fd, .events = POLLOUT};
            if (poll(&waiting, 1, WRITE_WAIT_MS) == 1)
                continue;
        }
        if (written < 0)
            return;
        data += written;
        len -= (size_t)written;
    }
}

static void flush_locked(void)
{
    write_all(pending, pending_len);
    pending_len = 0;
}

void log_flush(void)
{
    pthread_mutex_lock(&lock);
    flush_locked();
    pthread_mutex_unlock(&lock);
}

void log_start(enum log_level least, int fd)
{
    pthread_mutex_lock(&lock);
    flush_locked();
    log_fd = fd;
    pthread_mutex_unlock(&lock);
    atomic_store_explicit(&least_level, (int)least, memory_order_relaxed);
}

bool log_is_on(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

/* --- one line ----------------------------------------------------------------------------------------- */

static struct slice cut_value(struct slice value)
{
    if (value.len <= VALUE_MAX)
        return value;
    value.len = VALUE_MAX;
    while (value.len > 0 && ((unsigned char)value.data[value.len] & 0xc0) == 0x80)
        value.len--; /* not inside a character */
    return value;
}

/* The value as a JSON string; each byte that is not UTF-8 becomes U+FFFD. */
static void put_text(struct buffer *line, struct slice value)
{
    value = cut_value(value);
    size_t valid = utf8_valid_prefix(value);
    if (valid == value.len) {
        buffer_json_string(line, value);
        return;
    }
    CLEANUP(buffer_done) struct buffer clean;
    buffer_init(&clean, VALUE_MAX * 3);
    while (value.len > 0) {
        valid = utf8_valid_prefix(value);
        buffer_append(&clean, value.data, valid);
        if (valid == value.len)
            break;
        buffer_str(&clean, "\xef\xbf\xbd");
        value = (struct slice){value.data + valid + 1, value.len - valid - 1};
    }
    buffer_json_string(line, buffer_view(&clean));
}

static void put_field(struct buffer *line, const struct log_field *field)
{
    buffer_append(line, ",\"", 2);
    buffer_str(line, field->name); /* a constant of ours: nothing in it to escape */
    buffer_append(line, "\":", 2);
    if (field->is_number)
        buffer_int(line, field->number);
    else if (field->text.data)
        put_text(line, field->text);
    else
        buffer_str(line, "null");
}

static void put_line(struct buffer *line, enum log_level level, const char *event,
                     const struct log_field *fields)
{
    struct timespec now; /* the machine's clock: a log tells when the machine did it */
    clock_gettime(CLOCK_REALTIME, &now);
    char time_text[CLOCK_TEXT_MAX];
    size_t time_len = clock_format(now.tv_sec * CLOCK_SECOND_US + now.tv_nsec / 1000, time_text);
    buffer_str(line, "{\"time\":\"");
    buffer_append(line, time_text, time_len);
    buffer_str(line, "\",\"level\":\"");
    buffer_str(line, level_names[level]);
    buffer_str(line, "\",\"event\":");
    put_text(line, slice_of(event));
    for (; fields && fields->name && !line->overflow; fields++) {
        size_t before = line->len;
        put_field(line, fields);
        if (line->overflow)
            line->len = before; /* what does not fit is left out, and the line stays JSON */
    }
    line->max += sizeof "}\n";
    line->overflow = false;
    buffer_str(line, "}\n");
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    if (!log_is_on(level))
        return;
    CLEANUP(buffer_done) struct buffer line;
    buffer_init(&line, LINE_MAX_LEN);
    put_line(&line, level, event, fields);

    pthread_mutex_lock(&lock);
    if (line.len > sizeof pending - pending_len)
        flush_locked();
    memcpy(pending + pending_len, line.data, line.len);
    pending_len += line.len;
    if (level >= LOG_WARN_LEVEL)
        flush_locked();
    pthread_mutex_unlock(&lock);
}

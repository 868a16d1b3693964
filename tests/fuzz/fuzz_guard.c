/* Any bytes as what a connection sends, through libmicrohttpd and the guard. Whatever is let in must also be
 * a head to a reader that forgives nothing: CR LF and single blanks only, one Host, one length at most, a
 * plain path. */
#include "../unit/http/head_harness.h"

#include <stdint.h>
#include <strings.h>

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            __builtin_trap();                                                                                \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libmicrohttpd writes NUL over what ends a line, and a line that begins with a colon is the empty one to it.
 * So two things cannot be told from a clean head afterwards, and are let through: NUL LF instead of CR LF,
 * and at the end of a head other arrangements of four such bytes. Whoever passes requests on refuses them. */
static bool is_end_of_head(struct slice rest)
{
    if (rest.len < 4 || rest.data[3] != '\n')
        return false;
    for (size_t i = 0; i < 4; i++)
        if (!memchr("\r\n:\0", rest.data[i], 4))
            return false;
    return true;
}

static void skip_line_end(struct slice *rest)
{
    HOLDS(rest->len >= 2 && (rest->data[0] == '\r' || rest->data[0] == '\0') && rest->data[1] == '\n');
    *rest = (struct slice){rest->data + 2, rest->len - 2};
}

/* What stands in a line, without its end; no control character may be in it. */
static struct slice take_line(struct slice *rest)
{
    size_t len = 0;
    while (len < rest->len && ((uint8_t)rest->data[len] >= ' ' || rest->data[len] == '\t') &&
           rest->data[len] != 0x7f)
        len++;
    struct slice line = {rest->data, len};
    *rest = (struct slice){rest->data + len, rest->len - len};
    return line;
}

static struct slice take_word(struct slice *line, char end)
{
    const char *at = memchr(line->data, end, line->len);
    HOLDS(at && at > line->data);
    struct slice word = {line->data, (size_t)(at - line->data)};
    *line = (struct slice){at + 1, line->len - word.len - 1};
    return word;
}

static bool is_named(struct slice name, const char *other)
{
    return name.len == strlen(other) && strncasecmp(name.data, other, name.len) == 0;
}

static void read_request_line(struct slice *rest, bool *ret_is_1_1)
{
    struct slice line = take_line(rest), method = take_word(&line, ' '), target = take_word(&line, ' ');
    for (size_t i = 0; i < method.len; i++)
        HOLDS(method.data[i] >= 'A' && method.data[i] <= 'Z');
    HOLDS(target.data[0] == '/' && target.len <= GUARD_TARGET_MAX);
    *ret_is_1_1 = slice_is(line, "HTTP/1.1");
    HOLDS(*ret_is_1_1 || slice_is(line, "HTTP/1.0"));
}

static void read_headers(struct slice *rest, bool is_1_1)
{
    unsigned hosts = 0, lengths = 0, encodings = 0;
    while (!is_end_of_head(*rest)) {
        skip_line_end(rest);
        struct slice line = take_line(rest);
        struct slice name = take_word(&line, ':');
        HOLDS(!memchr(name.data, ' ', name.len) && !memchr(name.data, '\t', name.len));
        hosts += is_named(name, "host");
        lengths += is_named(name, "content-length");
        encodings += is_named(name, "transfer-encoding");
    }
    HOLDS(hosts == 1 || (hosts == 0 && !is_1_1));
    HOLDS(lengths + encodings <= 1 && (encodings == 0 || is_1_1));
}

static void check_path(const char *path)
{
    HOLDS(!strstr(path, "//") && !strstr(path, "/./") && !strstr(path, "/../"));
    HOLDS(!strcasestr(path, "%2f") && !strcasestr(path, "%5c") && !strcasestr(path, "%00"));
}

/* libmicrohttpd passes over empty lines in front of a request, and takes one that begins with NUL for empty.
 */
static struct slice skip_empty_lines(struct slice rest)
{
    while (rest.len > 0 && (rest.data[0] == '\r' || rest.data[0] == '\n' || rest.data[0] == '\0')) {
        const char *end = memchr(rest.data, '\n', rest.len);
        HOLDS(end);
        rest = (struct slice){end + 1, rest.len - (size_t)(end + 1 - rest.data)};
    }
    return rest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct harness harness;
    if (!harness.daemon)
        harness_start(&harness);
    if (size > 16384 || harness_judge(&harness, data, size) != PROBLEM_COUNT)
        return 0;

    struct slice rest = skip_empty_lines((struct slice){(const char *)data, size});
    bool is_1_1;
    read_request_line(&rest, &is_1_1);
    read_headers(&rest, is_1_1);
    check_path(harness.path);
    return 0;
}

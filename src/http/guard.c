/* The guard: layout, version, method, target and headers of a request, in this order (guard.h tells the
 * idea).
 *
 * Not for anything that the contract knows: routes, media types and parameters come later, in the gate. */
#include "guard.h"

#include "base/text.h"

#include <strings.h>

enum {
    IN_TOKEN = 1, /* RFC 9110 section 5.6.2: header names */
    IN_URI_PATH = 2,
    IN_URI_QUERY = 4,
    IN_URI = IN_URI_PATH | IN_URI_QUERY,
};

/* Where a byte may stand. In a query also stand the few characters that browsers leave unescaped there. */
static const uint8_t byte_class[256] = {
    ['a' ... 'z'] = IN_TOKEN | IN_URI,
    ['A' ... 'Z'] = IN_TOKEN | IN_URI,
    ['0' ... '9'] = IN_TOKEN | IN_URI,
    ['!'] = IN_TOKEN | IN_URI,
    ['$'] = IN_TOKEN | IN_URI,
    ['&'] = IN_TOKEN | IN_URI,
    ['\''] = IN_TOKEN | IN_URI,
    ['*'] = IN_TOKEN | IN_URI,
    ['+'] = IN_TOKEN | IN_URI,
    ['-'] = IN_TOKEN | IN_URI,
    ['.'] = IN_TOKEN | IN_URI,
    ['_'] = IN_TOKEN | IN_URI,
    ['~'] = IN_TOKEN | IN_URI,
    ['%'] = IN_TOKEN | IN_URI,
    ['#'] = IN_TOKEN,
    ['^'] = IN_TOKEN | IN_URI_QUERY,
    ['`'] = IN_TOKEN | IN_URI_QUERY,
    ['|'] = IN_TOKEN | IN_URI_QUERY,
    ['('] = IN_URI,
    [')'] = IN_URI,
    [','] = IN_URI,
    ['/'] = IN_URI,
    [':'] = IN_URI,
    [';'] = IN_URI,
    ['='] = IN_URI,
    ['@'] = IN_URI,
    ['?'] = IN_URI_QUERY,
    ['['] = IN_URI_QUERY,
    [']'] = IN_URI_QUERY,
    ['{'] = IN_URI_QUERY,
    ['}'] = IN_URI_QUERY,
    ['\\'] = IN_URI_QUERY,
};

static bool is_all(struct slice s, unsigned class)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(byte_class[(uint8_t)s.data[i]] & class))
            return false;
    return true;
}

static bool is_caseless(struct slice s, struct slice other)
{
    return s.len == other.len && strncasecmp(s.data, other.data, s.len) == 0;
}

static struct slice without_blanks_behind(struct slice s)
{
    while (s.len > 0 && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* --- layout -------------------------------------------------------------------------------------- */

static const char two_line_ends[4]; /* CR LF CR LF, overwritten */

/* One blank behind the method and the target, CR LF behind the version and every value: a folded line, a bare
 * LF, a NUL or a second blank leaves a gap or an overlap. */
static enum problem check_layout(const struct guard_head *head, struct guard_facts *facts)
{
    (void)facts;
    if (head->header_count > GUARD_HEADERS_MAX)
        return PROBLEM_headers_too_large;
    if (head->target_at != head->method.data + head->method.len + 1 ||
        head->version.data != head->target_at + head->target.len + 1)
        return PROBLEM_bad_request;

    const char *line = head->version.data + head->version.len + 2;
    for (size_t i = 0; i < head->header_count; i++) {
        const struct guard_header *header = &head->headers[i];
        if (header->name.data != line || header->value.data <= header->name.data + header->name.len)
            return PROBLEM_bad_request;
        line = header->value.data + header->value.len + 2;
    }
    if (head->end != line + 2 || memcmp(line - 2, two_line_ends, sizeof two_line_ends) != 0)
        return PROBLEM_bad_request;
    return PROBLEM_COUNT;
}

/* --- request line -------------------------------------------------------------------------------- */

static enum problem check_version(const struct guard_head *head, struct guard_facts *facts)
{
    (void)facts;
    if (slice_is(head->version, "HTTP/1.1") || slice_is(head->version, "HTTP/1.0"))
        return PROBLEM_COUNT;
    return PROBLEM_version_not_supported;
}

static enum http_method find_method(struct slice name)
{
    for (enum http_method method = 0; method < METHOD_COUNT; method++)
        if (slice_is(name, http_method_names[method]))
            return method;
    return METHOD_COUNT;
}

static enum problem check_method(const struct guard_head *head, struct guard_facts *facts)
{
    (void)head;
    return facts->method == METHOD_COUNT ? PROBLEM_method_not_implemented : PROBLEM_COUNT;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that "%XX" at `at` stands for, -1 where it is no such thing. */
static int escaped_byte(struct slice s, size_t at)
{
    if (s.len - at < 3)
        return -1;
    int high = hex_digit(s.data[at + 1]), low = hex_digit(s.data[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* False on an escape that is broken, or that hides a separator or a control character. */
static bool decode_path(struct slice path, char out[GUARD_TARGET_MAX], size_t *ret_len)
{
    size_t len = 0;
    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] != '%') {
            out[len++] = path.data[i];
            continue;
        }
        int byte = escaped_byte(path, i);
        if (byte < ' ' || byte == 0x7f || byte == '/' || byte == '\\')
            return false;
        out[len++] = (char)byte;
        i += 2;
    }
    *ret_len = len;
    return true;
}

/* False on "//", "/./" and "/../", at the end too; a last empty segment ("/a/") is the router's matter. */
static bool has_plain_segments(struct slice path)
{
    size_t start = 1;
    for (size_t i = 1; i <= path.len; i++) {
        if (i < path.len && path.data[i] != '/')
            continue;
        struct slice segment = {path.data + start, i - start};
        if (slice_is(segment, ".") || slice_is(segment, "..") || (segment.len == 0 && i < path.len))
            return false;
        start = i + 1;
    }
    return true;
}

static bool is_plain_path(struct slice path)
{
    char text[GUARD_TARGET_MAX];
    struct slice decoded = {text, 0};
    return path.len > 0 && path.data[0] == '/' && is_all(path, IN_URI_PATH) &&
           decode_path(path, text, &decoded.len) && has_plain_segments(decoded) && text_is_utf8(decoded);
}

static bool is_plain_query(struct slice query)
{
    if (!is_all(query, IN_URI_QUERY))
        return false;
    for (size_t i = 0; i < query.len; i++)
        if (query.data[i] == '%' && escaped_byte(query, i) <= 0)
            return false;
    return true;
}

static enum problem check_target(const struct guard_head *head, struct guard_facts *facts)
{
    if (head->target.len > GUARD_TARGET_MAX || !is_plain_path(facts->path) || !is_plain_query(facts->query))
        return PROBLEM_bad_request;
    return PROBLEM_COUNT;
}

/* --- headers ------------------------------------------------------------------------------------- */

struct framing {
    unsigned hosts, lengths, encodings;
    struct guard_facts *facts;
};

static bool note_host(struct slice value, struct framing *framing)
{
    (void)value;
    return ++framing->hosts == 1;
}

static bool note_length(struct slice value, struct framing *framing)
{
    if (++framing->lengths > 1 || value.len == 0 || value.len > 18)
        return false;
    int64_t length = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return false;
        length = length * 10 + (value.data[i] - '0');
    }
    framing->facts->content_length = length;
    return true;
}

static bool note_encoding(struct slice value, struct framing *framing)
{
    framing->facts->is_chunked = true;
    return ++framing->encodings == 1 && is_caseless(value, SLICE("chunked"));
}

static bool note_expectation(struct slice value, struct framing *framing)
{
    framing->facts->expects_continue = true;
    return is_caseless(without_blanks_behind(value), SLICE("100-continue"));
}

/* The headers that decide where this request ends and whom it is for. */
static const struct {
    struct slice name;
    bool (*note)(struct slice value, struct framing *framing);
} framing_headers[] = {
    {SLICE("host"), note_host},
    {SLICE("content-length"), note_length},
    {SLICE("transfer-encoding"), note_encoding},
    {SLICE("expect"), note_expectation},
};

static bool note_framing(const struct guard_header *header, struct framing *framing)
{
    for (size_t i = 0; i < ARRAY_LEN(framing_headers); i++)
        if (is_caseless(header->name, framing_headers[i].name))
            return framing_headers[i].note(header->value, framing);
    return true;
}

static bool has_control(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = (uint8_t)value.data[i];
        if ((byte < ' ' && byte != '\t') || byte == 0x7f)
            return true;
    }
    return false;
}

static enum problem check_headers(const struct guard_head *head, struct guard_facts *facts)
{
    struct framing framing = {.facts = facts};
    for (size_t i = 0; i < head->header_count; i++) {
        const struct guard_header *header = &head->headers[i];
        if (header->name.len == 0 || !is_all(header->name, IN_TOKEN) || has_control(header->value) ||
            !note_framing(header, &framing))
            return PROBLEM_bad_request;
    }
    bool is_1_1 = slice_is(head->version, "HTTP/1.1");
    if (framing.lengths + framing.encodings > 1 || (framing.encodings > 0 && !is_1_1) ||
        (framing.hosts == 0 && is_1_1))
        return PROBLEM_bad_request;
    return PROBLEM_COUNT;
}

/* --- in order ------------------------------------------------------------------------------------ */

static struct guard_facts first_facts(const struct guard_head *head)
{
    struct slice target = head->target;
    const char *mark = target.len > 0 ? memchr(target.data, '?', target.len) : NULL;
    size_t path_len = mark ? (size_t)(mark - target.data) : target.len;
    return (struct guard_facts){
        .method = find_method(head->method),
        .path = {target.data, path_len},
        .query = mark ? (struct slice){mark + 1, target.len - path_len - 1} : (struct slice){"", 0},
        .content_length = -1,
    };
}

enum problem guard_check(const struct guard_head *head, struct guard_facts *ret)
{
    static enum problem (*const checks[])(const struct guard_head *, struct guard_facts *) = {
        check_layout, check_version, check_method, check_target, check_headers,
    };
    *ret = first_facts(head);
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        enum problem problem = checks[i](head, ret);
        if (problem != PROBLEM_COUNT)
            return problem;
    }
    return PROBLEM_COUNT;
}

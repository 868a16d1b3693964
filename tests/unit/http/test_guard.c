/* The guard, on heads that went through libmicrohttpd: what is let in, what is refused with what, and what an
 * accepted head is said to hold. The rows on smuggling are those of the project's table of libmicrohttpd's
 * leniences. */
#include "unit.h"

#include "head_harness.h"

#include "base/buffer.h"

#define FINE     PROBLEM_COUNT
#define BAD      PROBLEM_bad_request
#define HOST     "Host: a\r\n"
#define LINE     "GET / HTTP/1.1\r\n"
#define POST     "POST / HTTP/1.1\r\n" HOST
#define ROW(raw) (raw), sizeof(raw) - 1

static struct harness harness;

struct row {
    const char *raw;
    size_t len;
    int verdict;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int verdict = harness_judge(&harness, rows[i].raw, rows[i].len);
        if (verdict != rows[i].verdict)
            fail_msg("row %zu: %d, not %d: %s", i, verdict, rows[i].verdict, rows[i].raw);
    }
}

static void request_lines(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {ROW(LINE HOST "\r\n"), FINE},
        {ROW("GET / HTTP/1.0\r\n\r\n"), FINE},
        {ROW("\r\n" LINE HOST "\r\n"), FINE}, /* RFC 9112 section 2.2 */
        {ROW("DELETE /a HTTP/1.1\r\n" HOST "\r\n"), FINE},
        {ROW("GET / HTTP/1.9\r\n" HOST "\r\n"), PROBLEM_version_not_supported},
        {ROW("GET / HTTP/2.0\r\n" HOST "\r\n"), NOT_JUDGED},
        {ROW("GET / http/1.1\r\n" HOST "\r\n"), NOT_JUDGED},
        {ROW("g@t / HTTP/1.1\r\n" HOST "\r\n"), PROBLEM_method_not_implemented},
        {ROW("get / HTTP/1.1\r\n" HOST "\r\n"), PROBLEM_method_not_implemented},
        {ROW("TRACE / HTTP/1.1\r\n" HOST "\r\n"), PROBLEM_method_not_implemented},
        {ROW("CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n"), PROBLEM_method_not_implemented},
        {ROW("GE\0T / HTTP/1.1\r\n" HOST "\r\n"), BAD},
        {ROW("GET  / HTTP/1.1\r\n" HOST "\r\n"), BAD},
        {ROW("GET /  HTTP/1.1\r\n" HOST "\r\n"), BAD},
        {ROW("GET /a b HTTP/1.1\r\n" HOST "\r\n"), BAD},
        {ROW("GET /\tHTTP/1.1\r\n" HOST "\r\n"), NOT_JUDGED},
        {ROW("GET / HTTP/1.1\n" HOST "\r\n"), BAD},
        {ROW("GET /\r\n\r\n"), NOT_JUDGED},
    };
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void framing(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {ROW(POST "Content-Length: 5\r\n\r\nhello"), FINE},
        {ROW(POST "content-length: 0\r\n\r\n"), FINE},
        {ROW(POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), FINE},
        {ROW(POST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"), FINE},
        {ROW(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD},
        {ROW(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), BAD},
        {ROW(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), BAD},
        {ROW(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), BAD},
        {ROW(POST "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\nhello"), BAD},
        {ROW(POST "Transfer-Encoding\t: chunked\r\n\r\n"), BAD},
        {ROW(POST "Transfer-Encodin: chunked\r\n g\r\nContent-Length: 5\r\n\r\nhello"), BAD},
        {ROW(POST "Transfer-Encodin: chunked\r\n g\r\n\r\n"), BAD},
        {ROW(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), BAD},
        {ROW(POST "Transfer-Encoding: xchunked\r\n\r\n"), BAD},
        {ROW(POST "Transfer-Encoding: chunked \r\n\r\n"), BAD},
        {ROW(POST "Transfer-Encoding: identity\r\n\r\n"), BAD},
        {ROW(POST "Transfer-Encoding:\r\n\r\n"), BAD},
        {ROW(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), BAD},
        {ROW("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), BAD},
        {ROW("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello"), FINE},
        {ROW(POST "Content-Length: 999999999999999999\r\n\r\n"), FINE},
        {ROW(POST "Content-Length: 9999999999999999999\r\n\r\n"), BAD},
        {ROW(POST "Content-Length: +5\r\n\r\nhello"), NOT_JUDGED},
        {ROW(POST "Content-Length: -1\r\n\r\n"), NOT_JUDGED},
        {ROW(POST "Content-Length: 5,5\r\n\r\nhello"), NOT_JUDGED},
        {ROW(POST "Content-Length: 0x5\r\n\r\nhello"), NOT_JUDGED},
        {ROW(POST "Content-Length:\r\n\r\n"), NOT_JUDGED},
        {ROW(POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"), FINE},
        {ROW(POST "Expect: 100-Continue \r\nContent-Length: 5\r\n\r\nhello"), FINE},
        {ROW(POST "Expect: foo\r\nContent-Length: 5\r\n\r\nhello"), BAD},
    };
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void headers(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {ROW(LINE "\r\n"), BAD},
        {ROW(LINE HOST "host: b\r\n\r\n"), BAD},
        {ROW("GET / HTTP/1.0\r\n" HOST HOST "\r\n"), BAD},
        {ROW(LINE HOST "X:\r\nY: \r\nZ:z\r\nCookie: a=b; c\r\n\r\n"), FINE},
        {ROW(LINE HOST "X: \xd8\xa7\tb\r\n\r\n"), FINE},
        {ROW(LINE HOST "X-: aaaa\r\n H\r\n\r\n"), BAD},
        {ROW(LINE HOST "X: a\r\n\tb\r\n\r\n"), BAD},
        {ROW(LINE HOST "X: a\n\r\n"), BAD},
        {ROW(LINE HOST "X: a\r\n\n"), BAD},
        {ROW(LINE HOST "X: a\nY: b\r\n\r\n"), BAD},
        {ROW(LINE "Host:\n\0@\n"), BAD}, /* a line that begins with NUL is an empty one to the parser */
        {ROW(LINE HOST "X: a\r\n:\r\nY: b\r\n\r\n"), BAD}, /* so is one that begins with a colon */
        {ROW(LINE HOST "X: a\rb\r\n\r\n"), BAD},
        {ROW(LINE HOST "X: a\0b\r\n\r\n"), BAD},
        {ROW(LINE HOST "X: a\0\0Y: b\r\n\r\n"), BAD},
        {ROW(LINE HOST "X: a\0\0Y\0 b\r\n\r\n"), BAD},
        {ROW(LINE HOST "X\0Y: b\r\n\r\n"), NOT_JUDGED},
        {ROW(LINE HOST "X: a\x01\r\n\r\n"), BAD},
        {ROW(LINE HOST "X: a\x7f\r\n\r\n"), BAD},
        {ROW(LINE HOST "X Y: a\r\n\r\n"), BAD},
        {ROW(LINE HOST "X\xc3\xa4: a\r\n\r\n"), BAD},
        {ROW(LINE HOST "X[]: a\r\n\r\n"), BAD},
        {ROW(LINE HOST ": a\r\n\r\n"), BAD},
        {ROW(LINE HOST "X\r\n\r\n"), NOT_JUDGED},
        {ROW(LINE " X: a\r\n" HOST "\r\n"), BAD},
    };
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static int judge_target(const char *target, size_t len)
{
    struct buffer raw;
    buffer_init(&raw, 1 << 16);
    buffer_str(&raw, "GET ");
    buffer_append(&raw, target, len);
    buffer_str(&raw, " HTTP/1.1\r\nHost: a\r\n\r\n");
    int verdict = harness_judge(&harness, raw.data, raw.len);
    buffer_done(&raw);
    return verdict;
}

static void targets(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {ROW("/"), FINE},
        {ROW("/v1/orgs/isfahan/drafts/3/"), FINE},
        {ROW("/a.b/..c/.d/...?x=../y//z"), FINE},
        {ROW("/%D8%A7%d8%b5?q=%D8%A7+%26"), FINE},
        {ROW("/a-._~!$&'()*+,;=:@"), FINE},
        {ROW("/?a[]=1&b={}|\\^`"), FINE},
        {ROW("/??"), FINE},
        {ROW("/%252f"), FINE}, /* decoded once, it is the text "%2f" */
        {ROW("*"), BAD},
        {ROW("a"), BAD},
        {ROW("?a=b"), BAD},
        {ROW("http://evil/x"), BAD},
        {ROW("//evil/x"), BAD},
        {ROW("/a//b"), BAD},
        {ROW("/a/./b"), BAD},
        {ROW("/a/.."), BAD},
        {ROW("/.."), BAD},
        {ROW("/a/%2e%2E/b"), BAD},
        {ROW("/a/.%2e"), BAD},
        {ROW("/a/%2e"), BAD},
        {ROW("/a%2fb"), BAD},
        {ROW("/a%2F..%2Fadmin"), BAD},
        {ROW("/a%5cb"), BAD},
        {ROW("/a\\b"), BAD},
        {ROW("/admin%00.json"), BAD},
        {ROW("/a\0b"), BAD},
        {ROW("/a%0d%0ab"), BAD},
        {ROW("/a%7f"), BAD},
        {ROW("/a%"), BAD},
        {ROW("/a%2"), BAD},
        {ROW("/a%2g"), BAD},
        {ROW("/%c0%af"), BAD}, /* an overlong "/" */
        {ROW("/%ff"), BAD},
        {ROW("/\xd8\xa7"), BAD},
        {ROW("/a#b"), BAD},
        {ROW("/a?b#c"), BAD},
        {ROW("/a\"b"), BAD},
        {ROW("/a<b"), BAD},
        {ROW("/?q=abc%00def"), BAD},
        {ROW("/?q=%"), BAD},
        {ROW("/?q=%zz"), BAD},
        {ROW("/?q=\x01"), BAD},
        {ROW("/?q=\xd8\xa7"), BAD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int verdict = judge_target(rows[i].raw, rows[i].len);
        if (verdict != rows[i].verdict)
            fail_msg("%s: %d, not %d", rows[i].raw, verdict, rows[i].verdict);
    }
}

static void sizes(void **state)
{
    (void)state;
    char target[GUARD_TARGET_MAX + 2];
    memset(target, 'a', sizeof target);
    target[0] = '/';
    assert_int_equal(judge_target(target, GUARD_TARGET_MAX), FINE);
    assert_int_equal(judge_target(target, GUARD_TARGET_MAX + 1), BAD);

    struct buffer raw;
    buffer_init(&raw, 1 << 16);
    buffer_str(&raw, LINE HOST);
    for (int i = 1; i < GUARD_HEADERS_MAX; i++)
        buffer_printf(&raw, "X-%d: %d\r\n", i, i);
    size_t before_end = raw.len;
    buffer_str(&raw, "\r\n");
    assert_int_equal(harness_judge(&harness, raw.data, raw.len), FINE);
    raw.len = before_end;
    buffer_str(&raw, "X: 65\r\n\r\n");
    assert_int_equal(harness_judge(&harness, raw.data, raw.len), PROBLEM_headers_too_large);
    buffer_done(&raw);
}

static void facts(void **state)
{
    (void)state;
    const char raw[] =
        "PATCH /a/b?c=d&e?f HTTP/1.1\r\nHost: a\r\nContent-Length: 42\r\nExpect: 100-continue\r\n\r\n";
    assert_int_equal(harness_judge(&harness, raw, sizeof raw - 1), FINE);
    assert_int_equal(harness.facts.method, METHOD_PATCH);
    assert_string_equal(harness.path, "/a/b");
    assert_string_equal(harness.query, "c=d&e?f");
    assert_int_equal(harness.facts.content_length, 42);
    assert_true(harness.facts.expects_continue);
    assert_false(harness.facts.is_chunked);

    const char chunked[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_int_equal(harness_judge(&harness, chunked, sizeof chunked - 1), FINE);
    assert_true(harness.facts.is_chunked);
    assert_int_equal(harness.facts.content_length, -1);
    assert_string_equal(harness.query, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_lines), cmocka_unit_test(framing), cmocka_unit_test(headers),
        cmocka_unit_test(targets),       cmocka_unit_test(sizes),   cmocka_unit_test(facts),
    };
    harness_start(&harness);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    harness_stop(&harness);
    return failed;
}

/* What may stand in `listen`, what of it other machines can reach, and how a client's address is read. */
#include "unit.h"

#include "listener.h"
#include "peer.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

static void settings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int family; /* 0: refused */
        bool is_reachable;
    } rows[] = {
        {"127.0.0.1:8080", AF_INET, false},
        {"127.9.9.9:1", AF_INET, false},
        {"0.0.0.0:80", AF_INET, true},
        {"10.0.0.1:65535", AF_INET, true},
        {"[::1]:8080", AF_INET6, false},
        {"[::]:8080", AF_INET6, true},
        {"unix:/run/mosharekat.sock", AF_UNIX, false},
        {"", 0, false},
        {":8080", 0, false},
        {"127.0.0.1", 0, false},
        {"127.0.0.1:", 0, false},
        {"127.0.0.1:0", 0, false},
        {"127.0.0.1:65536", 0, false},
        {"127.0.0.1:+80", 0, false},
        {"127.0.0.1:80x", 0, false},
        {"127.1:80", 0, false},
        {"localhost:80", 0, false},
        {"::1:80", 0, false},
        {"[::1:80", 0, false},
        {"[]:80", 0, false},
        {"unix:", 0, false},
        {"unix:run.sock", 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct listener listener;
        bool is_good = listener_parse(rows[i].text, &listener);
        if (is_good != (rows[i].family != 0))
            fail_msg("%s", rows[i].text);
        if (!is_good)
            continue;
        assert_int_equal(listener.address.any.sa_family, rows[i].family);
        assert_int_equal(listener.is_reachable, rows[i].is_reachable);
    }
}

/* A file that a killed server left behind is replaced, one that somebody listens on is not. */
static void unix_socket(void **state)
{
    (void)state;
    char text[64];
    struct listener listener;
    snprintf(text, sizeof text, "unix:/tmp/mosharekat-test-%d.sock", (int)getpid());
    assert_true(listener_parse(text, &listener));
    int first = listener_open(&listener, false);
    assert_true(first >= 0);
    assert_true(listener_open(&listener, false) < 0);
    close(first);
    int second = listener_open(&listener, false);
    assert_true(second >= 0);
    close(second);
    listener_remove(&listener);
    assert_int_not_equal(access(text + 5, F_OK), 0);
}

static void addresses(void **state)
{
    (void)state;
    struct peer peer;
    assert_true(peer_parse(SLICE("10.1.2.3"), &peer));
    assert_int_equal(peer.len, 4);
    assert_memory_equal(peer.bytes, "\x0a\x01\x02\x03", 4);
    assert_true(peer_parse(SLICE("2001:db8::1"), &peer));
    assert_int_equal(peer.len, 16);
    assert_false(peer_parse(SLICE(""), &peer));
    assert_false(peer_parse(SLICE("10.1.2.3, 10.0.0.1"), &peer));
    assert_false(peer_parse(SLICE("10.1.2.3\0x"), &peer));
    assert_false(peer_parse(SLICE("a.name"), &peer));

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    peer = peer_of((struct sockaddr *)&address);
    assert_memory_equal(peer_bytes(&peer).data, "\x7f\0\0\x01", 4);
    peer = peer_of(&(struct sockaddr){.sa_family = AF_UNIX});
    assert_int_equal(peer.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),
        cmocka_unit_test(unix_socket),
        cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

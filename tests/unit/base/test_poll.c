/* The shared epoll set: a source is called for its own descriptor, with what it asked for. */
#include "unit.h"

#include "base/poll.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct counter {
    struct poll_source source;
    int calls;
    uint32_t events;
};

static void count(struct poll_source *source, uint32_t events)
{
    struct counter *counter = CONTAINER_OF(source, struct counter, source);
    counter->calls++;
    counter->events = events;
}

/* One turn of a loop; returns how many sources were ready. */
static int turn(int epoll_fd)
{
    struct epoll_event events[8];
    int ready = epoll_wait(epoll_fd, events, 8, 0);
    for (int i = 0; i < ready; i++) {
        struct poll_source *source = events[i].data.ptr;
        source->ready(source, events[i].events);
    }
    return ready;
}

static void sources_are_called_for_what_they_asked(void **state)
{
    (void)state;
    int set = epoll_create1(EPOLL_CLOEXEC), a = eventfd(1, EFD_CLOEXEC), b = eventfd(0, EFD_CLOEXEC);
    struct counter first = {.source = {count}}, second = {.source = {count}};
    assert_true(poll_add(set, a, EPOLLIN, &first.source));
    assert_true(poll_add(set, b, EPOLLIN, &second.source));
    assert_int_equal(turn(set), 1);
    assert_int_equal(first.calls, 1);
    assert_int_equal(first.events, EPOLLIN);
    assert_int_equal(second.calls, 0);

    assert_true(poll_change(set, b, EPOLLOUT, &second.source));
    assert_int_equal(turn(set), 2);
    assert_int_equal(second.events, EPOLLOUT);

    poll_remove(set, a);
    poll_remove(set, a);
    assert_int_equal(turn(set), 1);
    assert_int_equal(first.calls, 2);
    close(a);
    close(b);
    close(set);
}

static void what_epoll_refuses_is_reported(void **state)
{
    (void)state;
    int set = epoll_create1(EPOLL_CLOEXEC), fd = eventfd(0, EFD_CLOEXEC);
    struct counter counter = {.source = {count}};
    assert_false(poll_change(set, fd, EPOLLIN, &counter.source));
    assert_true(poll_add(set, fd, EPOLLIN, &counter.source));
    assert_false(poll_add(set, fd, EPOLLIN, &counter.source));
    assert_false(poll_add(set, -1, EPOLLIN, &counter.source));
    close(fd);
    close(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_are_called_for_what_they_asked),
        cmocka_unit_test(what_epoll_refuses_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Connections and the requests on them. One request, as libmicrohttpd tells it:
 *
 *   target_received()    the request line is there. The target is copied, for it is about to be cut up.
 *   head_arrived()       first call of the access handler: guard, admission, engine_head().
 *   body_arrived()       a piece of the body each, or why no more of them are wanted.
 *   request_complete()   last call, repeated in every run until there is an answer: engine_run(), then the answer.
 *   request_ended()      the answer is out, or the client is gone.
 *
 * An answer queued in the first call closes the connection and is what a violation gets; one to a body that is too
 * long goes past the library. All others wait for the last call. Deadlines follow the same steps.
 *
 * A connection that waits for the database is not suspended: that costs three system calls (out of the epoll set, a
 * read in vain, into it again), a quarter of what a request costs here, and a client that has closed its sending side
 * would get no answer. The price is that libmicrohttpd asks for the answer of all that wait whenever it runs (some
 * 50 ns each), that its timeout is always 0 meanwhile (loop.c: has_progress), and that a connection may end first. */
#include "connection.h"

#include "flow.h"
#include "head.h"
#include "send.h"
#include "socket.h"
#include "stream.h"
#include "upload.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#define BODY_DROPPED_MAX (8 * 1024 * 1024) /* of a body that nobody wants, so that the answer is read */
#define BODY_DROPPED_MS  5000
#define BODY_SPARED_MAX  (1024 * 1024) /* to save the connection */
#define BODY_GRACE_MS    2000          /* before a body's rate is looked at */
#define BODY_CHECK_MS    1000

struct connection {
    struct deadline deadline;
    struct loop *loop;
    struct MHD_Connection *mhd;
    struct carrier *carrier; /* the request under way whose head has arrived */
    char *target;            /* of the request under way, raw */
    int fd;
    bool is_refused; /* there are too many */
    struct peer peer;
};

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void set_deadline(struct connection *connection, enum phase phase, int64_t at_ms)
{
    deadline_set(&connection->loop->deadlines, &connection->deadline, phase, at_ms);
}

/* --- a connection begins and ends ---------------------------------------------------------------- */

static struct connection *connection_begun(struct loop *loop, struct MHD_Connection *mhd)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        abort();
    loop->connections++;
    connection->loop = loop;
    connection->mhd = mhd;
    connection->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    connection->peer = peer_of(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);

    enum admission_verdict verdict = admission_enter(loop->server->admission, peer_bytes(&connection->peer));
    if (verdict != ADMISSION_GRANTED) {
        connection->is_refused = true;
        count(&loop->server->counts.connections_refused);
    }
    if (verdict == ADMISSION_DROPPED)
        shutdown(connection->fd, SHUT_RDWR);
    set_deadline(connection, PHASE_IDLE, loop->now_ms + loop->settings->idle_timeout_ms);
    return connection;
}

static void connection_ended(struct connection *connection)
{
    connection->loop->connections--;
    deadline_clear(&connection->deadline);
    admission_leave(connection->loop->server->admission, peer_bytes(&connection->peer));
    free(connection->target);
    free(connection);
}

static void connection_changed(void *context, struct MHD_Connection *mhd, void **socket_context,
                               enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *socket_context = connection_begun(context, mhd);
    else
        connection_ended(*socket_context);
}

/* --- a request: the way in ----------------------------------------------------------------------- */

static void *target_received(void *context, const char *target, struct MHD_Connection *mhd)
{
    struct loop *loop = context;
    struct connection *connection = connection_of(mhd);
    /* One byte more than is allowed is enough to be refused. */
    connection->target = strndup(target, GUARD_TARGET_MAX + 1);
    if (!connection->target)
        abort();
    set_deadline(connection, PHASE_HEADER, loop->now_ms + loop->settings->header_timeout_ms);
    return connection;
}

/* libmicrohttpd would decode in place, and "/a%2fb" would be "/a/b". */
static size_t leave_escaped(void *context, struct MHD_Connection *mhd, char *text)
{
    return (void)context, (void)mhd, strlen(text);
}

static struct carrier *begin_exchange(struct connection *connection)
{
    struct loop *loop = connection->loop;
    struct carrier *carrier = carrier_take(&loop->carriers);
    connection->carrier = carrier;
    carrier->loop = loop;
    carrier->connection = connection;
    carrier->target = connection->target;
    connection->target = NULL;
    carrier->head_ms = carrier->moved_ms = loop->now_ms;
    carrier->body_by_ms = loop->now_ms + loop->settings->body_timeout_ms;
    carrier->answer_by_ms = loop->now_ms + loop->settings->request_timeout_ms;
    carrier->exchange.request.exchange = &carrier->exchange;
    carrier->exchange.engine = loop->engine;
    carrier->exchange.started_mono_us = clock_mono_us();
    loop->exchanges++;
    return carrier;
}

static void end_exchange(struct loop *loop, struct carrier *carrier, bool is_complete)
{
    engine_done(&carrier->exchange, is_complete);
    carrier_give(&loop->carriers, carrier);
    loop->exchanges--;
}

void connection_await(struct connection *connection)
{
    struct carrier *carrier = connection->carrier;
    carrier->is_waiting = true;
    carrier->waiting_since_ms = connection->loop->now_ms;
    connection->loop->waiting++;
    deadline_clear(&connection->deadline); /* the database has deadlines of its own */
}

static enum MHD_Result send_now(struct connection *connection)
{
    struct carrier *carrier = connection->carrier;
    const struct answer *answer = &carrier->exchange.answer;
    bool is_closing = answer->is_closing || connection->loop->is_draining;
    connection->loop->has_progress = true;
    return answer->is_stream ? send_stream(connection->mhd, answer, is_closing, flow_read, carrier)
                             : send_answer(connection->mhd, answer, is_closing);
}

/* Whether the body is to be read. */
static bool pass_head(struct connection *connection, struct exchange *exchange, enum problem verdict)
{
    if (verdict != PROBLEM_COUNT) {
        count(&connection->loop->server->counts.guard_refused);
        engine_refuse(exchange, verdict, true);
        return false;
    }
    if (connection->is_refused) {
        engine_refuse(exchange, PROBLEM_overloaded, true);
        return false;
    }
    return engine_head(exchange);
}

/* The next look at a body's rate, or its end. */
static void set_body_deadline(struct connection *connection, int64_t look_ms)
{
    int64_t end_ms = connection->carrier->body_by_ms;
    set_deadline(connection, PHASE_BODY, look_ms < end_ms ? look_ms : end_ms);
}

/* The answer goes while the body is still on its way: libmicrohttpd can send none then, or cuts the client off
 * before it has read it. What comes of the body is thrown away for a while. */
static enum MHD_Result answer_ahead(struct connection *connection)
{
    struct carrier *carrier = connection->carrier;
    carrier->has_answer = carrier->is_ahead = true;
    carrier->body_by_ms = connection->loop->now_ms + BODY_DROPPED_MS;
    set_body_deadline(connection, carrier->body_by_ms);
    return socket_answer(connection->fd, &carrier->exchange.answer) ? MHD_YES : MHD_NO;
}

static enum MHD_Result head_arrived(struct connection *connection, const char *method, const char *url,
                                    const char *version)
{
    struct carrier *carrier = begin_exchange(connection);
    struct exchange *exchange = &carrier->exchange;
    struct guard_head head;
    struct guard_facts facts;
    head_gather(connection->mhd, method, url, version, slice_of(carrier->target), &head);
    enum problem verdict = guard_check(&head, &facts);
    bool is_clear = verdict == PROBLEM_COUNT && !connection->is_refused;
    carrier_keep_head(carrier, &head, &facts, verdict == PROBLEM_COUNT);
    carrier_keep_client(carrier, &connection->peer, connection->loop->settings->trust_proxy);
    carrier->has_answer = !pass_head(connection, exchange, verdict);
    exchange->body.max = exchange->body_max;
    if (exchange->is_streamed)
        carrier->body_by_ms = carrier->head_ms + connection->loop->settings->file_timeout_ms;
    if (exchange->head.has_body)
        set_body_deadline(connection, carrier->head_ms + BODY_GRACE_MS);
    else
        set_deadline(connection, PHASE_ANSWER, carrier->answer_by_ms);
    if (!carrier->has_answer)
        return MHD_YES;
    bool is_ahead = is_clear && exchange->head.method != METHOD_HEAD && exchange->answer.is_closing;
    /* A client that asks before it sends is told at once, and spared the body. */
    if (facts.expects_continue || (exchange->answer.is_closing && !is_ahead))
        return send_now(connection);
    return is_ahead ? answer_ahead(connection) : MHD_YES;
}

/* More came than is taken, or than the connection is worth. */
static enum MHD_Result refuse_body(struct connection *connection)
{
    struct carrier *carrier = connection->carrier;
    if (carrier->has_answer || engine_run(&carrier->exchange) || carrier->has_answer)
        return answer_ahead(connection);
    connection_await(connection);
    return MHD_YES;
}

static enum MHD_Result body_arrived(struct connection *connection, const char *data, size_t *len)
{
    struct carrier *carrier = connection->carrier;
    struct exchange *exchange = &carrier->exchange;
    connection->loop->has_progress = true;
    carrier->received += *len;
    carrier->moved_ms = connection->loop->now_ms;
    if (!carrier->has_answer && !exchange->is_body_too_large)
        upload_take(exchange, data, *len);
    *len = 0;
    bool is_enough = exchange->is_body_too_large || carrier->received > exchange->body_max + BODY_SPARED_MAX;
    if (carrier->received > exchange->body_max + BODY_DROPPED_MAX)
        shutdown(connection->fd, SHUT_RDWR);
    else if (is_enough && !carrier->is_ahead && !carrier->is_waiting)
        return refuse_body(connection);
    return MHD_YES;
}

/* --- a request: the way out ---------------------------------------------------------------------- */

static enum MHD_Result request_complete(struct connection *connection)
{
    struct carrier *carrier = connection->carrier;
    if (carrier->is_ahead) /* nothing is left to be said */
        return MHD_NO;
    if (carrier->is_waiting)
        return MHD_YES;
    const struct loop *loop = connection->loop;
    if (carrier->exchange.is_streamed && !carrier->has_answer) /* what it took is not the answer's */
        carrier->answer_by_ms = loop->now_ms + loop->settings->request_timeout_ms;
    if (carrier->exchange.head.has_body)
        set_deadline(connection, PHASE_ANSWER, carrier->answer_by_ms);
    if (carrier->has_answer || engine_run(&carrier->exchange) || carrier->has_answer)
        return send_now(connection);
    connection_await(connection);
    return MHD_YES;
}

void exchange_answered(struct exchange *exchange)
{
    struct carrier *carrier = carrier_of(exchange);
    struct loop *loop = carrier->loop;
    carrier->has_answer = true;
    if (!carrier->is_waiting)
        return; /* within engine_run() */
    carrier->is_waiting = false;
    loop->waiting--;
    if (!carrier->connection) {
        carrier->next = loop->orphans;
        loop->orphans = carrier;
        return;
    }
    loop->has_answers = true;
    if (exchange->is_body_too_large && answer_ahead(carrier->connection) == MHD_YES)
        return; /* such a body may never end */
    if (exchange->answer.is_stream)
        carrier->answer_by_ms = loop->now_ms + stream_patience_ms(exchange);
    else if (exchange->answer.outgoing)
        carrier->answer_by_ms = loop->now_ms + loop->settings->file_timeout_ms;
    else
        carrier->answer_by_ms += loop->now_ms - carrier->waiting_since_ms;
    set_deadline(carrier->connection, PHASE_ANSWER, carrier->answer_by_ms);
}

void connections_end_orphans(struct loop *loop)
{
    while (loop->orphans) {
        struct carrier *carrier = loop->orphans;
        loop->orphans = carrier->next;
        end_exchange(loop, carrier, false);
    }
}

static enum MHD_Result handle(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
                              const char *version, const char *data, size_t *data_len, void **request_context)
{
    (void)context;
    (void)mhd;
    struct connection *connection = *request_context;
    if (!connection->carrier)
        return head_arrived(connection, method, url, version);
    if (*data_len == 0)
        return request_complete(connection);
    return body_arrived(connection, data, data_len);
}

static void request_ended(void *context, struct MHD_Connection *mhd, void **request_context,
                          enum MHD_RequestTerminationCode how)
{
    (void)mhd;
    struct loop *loop = context;
    struct connection *connection = *request_context;
    struct carrier *carrier = connection->carrier;
    loop->has_progress = true; /* the next request may be in the socket already */
    connection->carrier = NULL;
    if (carrier && carrier->is_waiting)
        carrier->connection = NULL;
    else if (carrier)
        end_exchange(loop, carrier, carrier->is_ahead || how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    free(connection->target);
    connection->target = NULL;
    set_deadline(connection, PHASE_IDLE, loop->now_ms + loop->settings->idle_timeout_ms);
}

/* --- deadlines ----------------------------------------------------------------------------------- */

/* A body may go on while it has time left and keeps up its rate; the rate is looked at once a second. One
 * that has long to go, because it is a file, may not stand still either. */
static bool may_go_on(struct connection *connection)
{
    const struct carrier *carrier = connection->carrier;
    const struct settings *settings = connection->loop->settings;
    int64_t now_ms = connection->loop->now_ms, elapsed_ms = now_ms - carrier->head_ms;
    int64_t expected = settings->body_rate * elapsed_ms / 1000;
    if (now_ms >= carrier->body_by_ms || (int64_t)carrier->received < expected ||
        now_ms >= carrier->moved_ms + settings->body_timeout_ms || socket_is_over(connection->fd))
        return false;
    set_body_deadline(connection, now_ms + BODY_CHECK_MS);
    return true;
}

void connection_expired(struct loop *loop, struct deadline *deadline)
{
    struct connection *connection = CONTAINER_OF(deadline, struct connection, deadline);
    if (deadline->phase == PHASE_BODY && may_go_on(connection))
        return;
    shutdown(connection->fd, SHUT_RDWR);
    count(&loop->server->counts.deadline_closed[deadline->phase]);
}

void connections_end_reading(struct loop *loop)
{
    static const enum phase phases[] = {PHASE_IDLE, PHASE_HEADER};
    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        struct deadline *deadline = NULL;
        while ((deadline = deadlines_walk(&loop->deadlines, phases[i], deadline)))
            shutdown(CONTAINER_OF(deadline, struct connection, deadline)->fd, SHUT_RD);
    }
}

/* --- the daemon ---------------------------------------------------------------------------------- */

/* The format alone: what it would print may echo a request. */
static void library_said(void *context, const char *format, va_list arguments)
{
    (void)context;
    (void)arguments;
    if (log_is_on(LOG_DEBUG_LEVEL))
        log_write(LOG_DEBUG_LEVEL, "http.library", (struct log_field[]){log_text("format", format), {0}});
}

/* Not MHD_OPTION_STRICT_FOR_CLIENT: what it adds is refused in HTML, written twice; the guard knows more. */
struct MHD_Daemon *connection_daemon(struct loop *loop)
{
    const unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;
    const unsigned limit = loop->server->connections + 2 * ADMISSION_HEADROOM;
    return MHD_start_daemon(flags, 0, NULL, NULL, handle, loop, MHD_OPTION_EXTERNAL_LOGGER, library_said,
                            loop, MHD_OPTION_LISTEN_SOCKET, loop->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
                            limit, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)loop->settings->connection_memory, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
                            MHD_OPTION_URI_LOG_CALLBACK, target_received, loop, MHD_OPTION_UNESCAPE_CALLBACK,
                            leave_escaped, loop, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, loop,
                            MHD_OPTION_NOTIFY_COMPLETED, request_ended, loop, MHD_OPTION_END);
}

/* Waiting for a notification: how the worker learns that there is work, without asking all the time.
 *
 * Notifications that came in while statements ran are not lost: they are kept by channel until asked for. */
#include "connection.h"
#include "memory.h"
#include "session_of.h"

static struct session_channel *channel_find(struct session *session, const char *name)
{
    for (unsigned i = 0; i < session->channel_count; i++)
        if (strcmp(session->channels[i].name, name) == 0)
            return &session->channels[i];
    return NULL;
}

static struct session_channel *channel_listen(struct session *session, const char *name)
{
    char sql[160];
    PGresult *result;
    char *quoted = PQescapeIdentifier(session->conn, name, strlen(name));

    if (!quoted || session->channel_count == SESSION_CHANNELS_MAX)
        abort();
    snprintf(sql, sizeof sql, "LISTEN %s", quoted);
    PQfreemem(quoted);
    if (session_answer(session, PQsendQuery(session->conn, sql), false, &result) != DB_OK)
        return NULL;
    PQclear(result);

    struct session_channel *channel = &session->channels[session->channel_count++];
    channel->name = memory_copy_string(name);
    return channel;
}

static void sort_notifications(struct session *session)
{
    for (PGnotify *note = PQnotifies(session->conn); note; note = PQnotifies(session->conn)) {
        struct session_channel *channel = channel_find(session, note->relname);
        if (channel)
            channel->is_notified = true;
        PQfreemem(note);
    }
}

bool session_wait(struct session *session, const char *name, int64_t timeout_ms)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;

    if (!session->conn)
        return false;
    struct session_channel *channel = channel_find(session, name);
    if (!channel)
        channel = channel_listen(session, name);
    if (!channel)
        return false;

    sort_notifications(session);
    while (!channel->is_notified) {
        if (session_wait_socket(session, POLLIN, deadline_ms) != WAIT_READY)
            return false;
        if (!PQconsumeInput(session->conn)) {
            session_break(session);
            return false;
        }
        sort_notifications(session);
    }
    channel->is_notified = false;
    return true;
}

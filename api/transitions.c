/* A draft moves on. The lifecycle's table and the windows' arithmetic are C; the guard that needs the row is
 * SQL. */
#include "handlers.h"

#include "base/buffer.h"

/* {"bill":"2027-01-01T04:30:00Z","by_law":null,...}: the earliest end of a window opened at `opens_us`, per
 * kind. */
static struct slice least_ends(struct request *req, int64_t opens_us)
{
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 1024);
    for (int kind = 0; kind < DRAFT_KINDS; kind++) {
        struct window_policy window = req->org->windows[kind];
        char end[CLOCK_TEXT_MAX];
        buffer_printf(&out, "%s\"%s\":", kind == 0 ? "{" : ",", draft_kind_names[kind]);
        if (window.unit == WINDOW_NO_PROMISE) {
            buffer_str(&out, "null");
            continue;
        }
        clock_format(window_least_end(window, opens_us), end);
        buffer_printf(&out, "\"%s\"", end);
    }
    buffer_char(&out, '}');
    return arena_slice(&req->arena, buffer_view(&out));
}

struct reply draft_transition(struct request *req)
{
    int64_t opens_us = req->received_us;
    struct slice opens_at = request_member(req, "opens_at");
    if (opens_at.data && !clock_parse(opens_at, &opens_us))
        return refused(validation_failed); /* not reached: the contract checked the format */

    return changed(req, SQL_DRAFT_TRANSITION, as_uuid(request_new_id(req)), as_org(req),
                   request_param(req, "id"), as_body(req), as_if_match(req), as_now(req), as_actor(req),
                   as_request_digest(req), as_known(req, THING_DRAFT), as_permitted(req, THING_DRAFT),
                   as_reasons(req, THING_DRAFT), as_json(least_ends(req, opens_us)));
}

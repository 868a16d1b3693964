/* The handlers' prototypes, from the table, and what several resources share. */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "base/jalali.h"
#include "domain/lifecycle.h"
#include "http/reply.h"
#include "statements.h"

#define OPERATION(operation_id, handler) handler_fn handler;
#include "operations.def"
#undef OPERATION

#define JSON_TYPE "application/json; charset=utf-8"

/* Where the caller may move a thing, for `allowed_transitions`; NULL for the public. */
static inline struct param as_permitted(struct request *req, enum thing thing)
{
    return req->who ? as_json(lifecycle_permitted(&req->arena, thing, req->permissions)) : as_null();
}
static inline struct param as_known(struct request *req, enum thing thing)
{
    return as_json(lifecycle_known(&req->arena, thing));
}
static inline struct param as_reasons(struct request *req, enum thing thing)
{
    return as_json(lifecycle_reasons(&req->arena, thing));
}

static inline struct param as_org(const struct request *req)
{
    return as_uuid(req->org->id);
}
static inline struct param as_now(const struct request *req)
{
    return as_instant(req->received_us);
}
static inline struct param as_today(const struct request *req)
{
    return as_date(clock_local(req->received_us).date);
}
/* The Jalali year of receipt, for human numbers. */
static inline struct param as_jalali_year(const struct request *req)
{
    return as_int(jalali_from_gregorian(clock_local(req->received_us).date).year);
}

/* Whether figures are told exactly, or rounded as the public gets them. */
static inline struct param as_exact(const struct request *req)
{
    return as_bool(request_may(req, PERMISSION_STATS_READ));
}

/* A search whose last parameter is `q`; without words, the quick list with the same filters. */
static inline struct reply worded(struct request *req, struct reply search, unsigned list)
{
    if (request_param(req, "q").kind == PARAM_NULL) {
        search.statement = list;
        search.param_count--;
    }
    return search;
}

struct buffer;
struct deadline;
/* The contract's Deadline: what was promised, when that is, and its days (calendar.c). */
void deadline_object_write(struct buffer *out, struct date received_on, int working_days,
                           const struct deadline *deadline);

#endif

/* Which day reminders are about: the next working day of the organisation, if today is one. The rest is in
 * reminders.sql. */
#include "jobs.h"

#include "domain/deadline.h"
#include "statements.h"

#define ARENA_CHUNK 16384

/* As a parameter: the working day after `day`, or NULL where `day` is none, or nothing can be counted. */
static struct param due_by(const struct rows *rows, struct date day)
{
    CLEANUP(arena_done) struct arena arena;
    arena_init(&arena, ARENA_CHUNK);
    struct slice text = rows_text(rows, 0, rows_column(rows, "calendar"));
    json_t *document = json_loadb(text.data, text.len, 0, NULL);
    const struct calendar *calendar = calendar_parse(&arena, document);
    json_decref(document);

    struct deadline next;
    struct calendar_why why;
    if (!calendar || !calendar_day(calendar, day, NULL, &why) ||
        deadline_after(calendar, NULL, day, 1, NULL, &next) != DEADLINE_OK)
        return as_null();
    return as_date(next.due_on);
}

enum db_outcome reminders_tell(const struct job_context *context, const struct rows *rows, int64_t *done)
{
    int org_column = rows_column(rows, "org_id");
    if (rows_is_null(rows, 0, org_column))
        return DB_OK;

    struct date day = rows_date(rows, 0, rows_column(rows, "day"));
    const struct param params[] = {as_uuid(rows_uuid(rows, 0, org_column)), as_date(day), due_by(rows, day)};
    struct rows *told = NULL;
    enum db_outcome outcome =
        session_run(context->session, SQL_REMINDERS_TELL, params, ARRAY_LEN(params), &told);
    if (outcome != DB_OK)
        return outcome;
    *done += rows_int(told, 0, rows_column(told, "done")) + 1; /* another organisation may wait behind this */
    rows_free(told);
    return DB_OK;
}

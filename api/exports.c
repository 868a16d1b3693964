/* Open data: whole resources as CSV or as one JSON object a line, streamed. Which columns a file has stands
 * in exports.sql, what may be in them at all in the views open_… of the migrations; here are pages and forms.
 */
#include "handlers.h"

#include "base/buffer.h"
#include "base/csv.h"
#include "base/jalali.h"

/* The parameters that all these statements begin with: org, from, to, cursor_at, cursor_id, limit. */
enum { CURSOR_AT = 3, CURSOR_ID = 4, COMMON_PARAMS = 6 };

#define FILTERS_MAX 3

struct export
{
    const char *name; /* of the file, and in the path */
    unsigned statement;
    unsigned page_rows; /* fewer where rows are long; of statements with _more, what they page by */
    bool needs_now;     /* the next parameter, and then */
    const char *kind;   /* of cases, then the filters */
    const char *filters[FILTERS_MAX + 1];
};

struct export_state {
    unsigned page_rows;
    bool is_csv, has_begun;
};

static bool write_export(void *state, const struct rows *rows, struct param *params, struct buffer *out)
{
    struct export_state *export = state;
    unsigned count = rows_count(rows);
    if (export->is_csv && !export->has_begun) {
        buffer_str(out, CSV_MARK);
        rows_write_csv_names(rows, out);
    }
    export->has_begun = true;
    for (unsigned row = 0; row < count; row++) {
        if (export->is_csv) {
            rows_write_csv(rows, row, out);
            continue;
        }
        rows_write_object(rows, row, out);
        buffer_char(out, '\n');
    }
    int more = rows_column(rows, "_more");
    if (count == 0 || (more < 0 ? count < export->page_rows : !rows_bool(rows, 0, more)))
        return false;
    params[CURSOR_AT] = as_instant(rows_instant_us(rows, count - 1, rows_column(rows, "_cursor_at")));
    params[CURSOR_ID] = as_uuid(rows_uuid(rows, count - 1, rows_column(rows, "_cursor_id")));
    return true;
}

#define MONTH_LEN 7 /* "1405-08" */

/* The first instant of a local day or, of cases, of a Jalali month, `later` of them on; NULL where the
 * parameter is absent. */
static struct param as_start(struct request *req, const char *name, int later)
{
    struct date date;
    struct slice text = request_text(req, name);
    bool is_month = text.len == MONTH_LEN;
    if (is_month)
        text = slice_of(arena_printf(&req->arena, "%.*s-01", MONTH_LEN, text.data));
    if (!text.data || !date_parse(text, &date))
        return as_null();
    if (is_month)
        date = jalali_to_gregorian(jalali_add_months(date, later));
    else
        date = date_from_days(date_to_days(date) + later);
    return as_instant(clock_from_local((struct local_time){.date = date}));
}

/* A filter may be any text, a header not. */
static void write_escaped(struct buffer *out, struct slice text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(plain, text.data[i], sizeof plain - 1))
            buffer_char(out, text.data[i]);
        else
            buffer_printf(out, "%%%02X", (unsigned char)text.data[i]);
    }
}

/* "org=semnan&from=2026-03-21&kind=tariff": with what the file was made, as it would stand in a query. */
static const char *told_filters(struct request *req, const struct export *export)
{
    CLEANUP(buffer_done) struct buffer told;
    buffer_init(&told, 4096);
    const char *names[FILTERS_MAX + 3] = {"from", "to"};
    for (size_t i = 0; export->filters[i]; i++)
        names[i + 2] = export->filters[i];
    buffer_printf(&told, "org=%s", req->org->slug);
    for (size_t i = 0; names[i]; i++) {
        struct slice value = request_text(req, names[i]);
        if (!value.data)
            continue;
        buffer_printf(&told, "&%s=", names[i]);
        write_escaped(&told, value);
    }
    return arena_copy(&req->arena, told.data, told.len);
}

static const char *told_name(struct request *req, const struct export *export, const char *suffix)
{
    struct slice from = request_text(req, "from"), to = request_text(req, "to");
    return arena_printf(&req->arena, "attachment; filename=\"%s-%s%s%.*s%s%.*s%s\"", req->org->slug,
                        export->name, from.data ? "-from-" : "", (int)from.len, from.data ? from.data : "",
                        to.data ? "-to-" : "", (int)to.len, to.data ? to.data : "", suffix);
}

static struct reply exported(struct request *req, const struct export *export)
{
    const char *suffix = strrchr(req->operation->path, '.');
    struct export_state *state = arena_alloc(&req->arena, sizeof *state);
    *state = (struct export_state){.page_rows = export->page_rows, .is_csv = strcmp(suffix, ".csv") == 0};

    struct param params[COMMON_PARAMS + 2 + FILTERS_MAX] = {
        as_org(req), as_start(req, "from", 0), as_start(req, "to", 1), as_null(),
        as_null(),   as_int(export->page_rows)};
    unsigned count = COMMON_PARAMS;
    if (export->needs_now)
        params[count++] = as_now(req);
    if (export->kind)
        params[count++] = as_text(export->kind);
    for (size_t i = 0; export->filters[i]; i++)
        params[count++] = request_param(req, export->filters[i]);

    struct reply reply = reply_statement(req, 200, SHAPE_LIST, export->statement, params, count);
    reply.media_type = state->is_csv ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8";
    reply.page = write_export;
    reply.page_state = state;
    reply_add_header(&reply, "Content-Disposition", told_name(req, export, suffix));
    reply_add_header(&reply, "Export-Filter", told_filters(req, export));
    return reply;
}

struct reply export_drafts(struct request *req)
{
    return exported(req, &(struct export){.name = "drafts",
                                          .statement = SQL_EXPORT_DRAFTS,
                                          .page_rows = 500,
                                          .needs_now = true,
                                          .filters = {"kind", "state"}});
}

struct reply export_comments(struct request *req)
{
    return exported(req, &(struct export){.name = "comments",
                                          .statement = SQL_EXPORT_COMMENTS,
                                          .page_rows = 500,
                                          .filters = {"draft"}});
}

static struct reply exported_cases(struct request *req, const char *name, const char *kind)
{
    return exported(req, &(struct export){.name = name,
                                          .statement = SQL_EXPORT_CASES,
                                          .page_rows = 2000,
                                          .needs_now = true,
                                          .kind = kind,
                                          .filters = {"unit", "channel"}});
}

struct reply export_complaints(struct request *req)
{
    return exported_cases(req, "complaints", "complaint");
}

struct reply export_messages(struct request *req)
{
    return exported_cases(req, "messages", "message");
}

struct reply export_info_requests(struct request *req)
{
    return exported_cases(req, "info-requests", "info_request");
}

struct reply export_suggestions(struct request *req)
{
    return exported(req, &(struct export){.name = "suggestions",
                                          .statement = SQL_EXPORT_SUGGESTIONS,
                                          .page_rows = 200,
                                          .filters = {"state", "unit"}});
}

struct reply export_services(struct request *req)
{
    return exported(req, &(struct export){.name = "services",
                                          .statement = SQL_EXPORT_SERVICES,
                                          .page_rows = 500,
                                          .filters = {"unit"}});
}

struct reply export_faq(struct request *req)
{
    return exported(req, &(struct export){.name = "faq", .statement = SQL_EXPORT_FAQ, .page_rows = 500});
}

struct reply export_survey_results(struct request *req)
{
    return exported(req, &(struct export){.name = "survey-results",
                                          .statement = SQL_EXPORT_SURVEY_RESULTS,
                                          .page_rows = 20,
                                          .filters = {"unit"}});
}

struct reply export_measures(struct request *req)
{
    return exported(req, &(struct export){.name = "measures",
                                          .statement = SQL_EXPORT_MEASURES,
                                          .page_rows = 200,
                                          .filters = {"state", "unit"}});
}

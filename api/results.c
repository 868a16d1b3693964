/* Results of surveys as JSON, as a table and as a chart. What they are is decided where they are counted
 * (domain/results.h); here is only who may see them, and in which form. */
#include "handlers.h"

#include "base/buffer.h"
#include "chart.h"
#include "results_csv.h"

#define FORM_MAX (8 << 20)

static struct reply results(struct request *req, struct slice by)
{
    return found(req, SQL_SURVEY_RESULTS, as_org(req), request_param(req, "id"), as_slice(by), as_now(req),
                 as_bool(request_may(req, PERMISSION_SURVEY_PUBLISH)));
}

static struct slice by_of(const struct request *req)
{
    struct slice by = request_text(req, "by");
    return by.data ? by : SLICE("");
}

struct reply survey_results(struct request *req)
{
    return results(req, by_of(req));
}

/* The page as it is stored: numbers and titles of questions. */
static const json_t *page_of(struct request *req, const struct rows *rows)
{
    return rows_json(&req->arena, rows, 0, "*");
}

static bool is_english(const struct request *req)
{
    return slice_equal(request_text(req, "lang"), SLICE("en"));
}

static struct results_heading heading_of(struct request *req, const struct rows *rows)
{
    struct slice fa = rows_text(rows, 0, rows_column(rows, "title_fa")),
                 en = rows_text(rows, 0, rows_column(rows, "title_en")),
                 number = rows_text(rows, 0, rows_column(rows, "number"));
    struct slice title = is_english(req) && en.data ? en : fa;
    return (struct results_heading){.title = arena_copy(&req->arena, title.data, title.len),
                                    .number = arena_copy(&req->arena, number.data, number.len),
                                    .is_english = is_english(req)};
}

static struct reply ready(struct request *req, struct buffer *out, const char *media_type)
{
    if (out->overflow)
        return refused(internal_error);
    struct slice bytes = {arena_copy(&req->arena, out->data, out->len), out->len};
    return reply_bytes(200, media_type, bytes);
}

static struct reply then_csv(struct request *req, const struct rows *rows)
{
    CLEANUP(buffer_done) struct buffer out;
    const json_t *page = page_of(req, rows);
    struct results_heading heading = heading_of(req, rows);
    buffer_init(&out, FORM_MAX);
    results_write_csv(page, &heading, &out);
    struct reply reply = ready(req, &out, "text/csv; charset=utf-8");
    reply_add_header(&reply, "Content-Disposition",
                     arena_printf(&req->arena, "attachment; filename=\"%s.csv\"", heading.number));
    return reply;
}

struct reply survey_results_csv(struct request *req)
{
    struct reply reply = results(req, by_of(req));
    reply.then = then_csv;
    return reply;
}

static struct reply then_svg(struct request *req, const struct rows *rows)
{
    CLEANUP(buffer_done) struct buffer out;
    const json_t *page = page_of(req, rows), *question;
    struct results_heading heading = heading_of(req, rows);
    struct slice wanted = request_text(req, "question");
    size_t i;
    buffer_init(&out, FORM_MAX);
    json_array_foreach (json_object_get(page, "questions"), i, question) {
        if (!slice_is(wanted, json_string_value(json_object_get(question, "id"))))
            continue;
        chart_write(question, &heading, &out);
        struct reply reply = ready(req, &out, "image/svg+xml");
        reply_add_header(&reply, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
        return reply;
    }
    return refused(question_not_there);
}

struct reply survey_results_svg(struct request *req)
{
    struct reply reply = results(req, SLICE(""));
    reply.then = then_svg;
    return reply;
}

/* Pages of results: what was counted of a survey becomes what readers get, with small groups hidden. The counting is
 * SQL's (results.sql), the arithmetic domain/results.h's; a page is made once for each step of a survey, and read with
 * every request. */
#include "jobs.h"

#include "domain/results.h"
#include "statements.h"

#define PAGE_MAX (8 << 20)

/* False: too long to be shown. */
static bool write_page(struct arena *arena, const struct results *results, const char *by, struct slice *ret)
{
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, PAGE_MAX);
    results_write(results, by, &out);
    if (out.overflow)
        return false;
    *ret = arena_slice(arena, buffer_view(&out));
    return true;
}

static enum db_outcome keep_pages(const struct job_context *context, struct arena *arena,
                                  const struct rows *tallies, struct uuid survey, bool is_final,
                                  int64_t *done)
{
    json_t *versions = rows_json(arena, tallies, 0, "versions"),
           *counts = rows_json(arena, tallies, 0, "tallies");
    if (!versions || !counts)
        return DB_OK; /* nobody could answer yet */
    const struct results *results =
        results_new(arena, versions, counts, rows_int(tallies, 0, rows_column(tallies, "least_group")));
    size_t pages = 0, most = results_by_count(results) + 1;
    struct slice *by = arena_alloc_array(arena, most, sizeof *by),
                 *bodies = arena_alloc_array(arena, most, sizeof *bodies);
    for (size_t i = 0; i < most; i++) {
        const char *id = i > 0 ? results_by_id(results, i - 1) : NULL;
        by[pages] = slice_of(id ? id : "");
        if (write_page(arena, results, id, &bodies[pages]))
            pages++;
    }
    struct rows *kept = NULL;
    struct param params[] = {as_uuid(survey), as_int(rows_int(tallies, 0, rows_column(tallies, "rolled"))),
                             as_texts(by, pages), as_texts(bodies, pages), as_bool(is_final)};
    enum db_outcome outcome =
        session_run(context->session, SQL_RESULTS_KEEP, params, ARRAY_LEN(params), &kept);
    if (outcome == DB_OK)
        *done += rows_int(kept, 0, rows_column(kept, "kept")); /* another survey may be due */
    rows_free(kept);
    return outcome;
}

enum db_outcome results_make(const struct job_context *context, const struct rows *rows, int64_t *done)
{
    int survey_column = rows_column(rows, "survey_id");
    if (rows_is_null(rows, 0, survey_column))
        return DB_OK;
    struct uuid survey = rows_uuid(rows, 0, survey_column);
    if (!rows_bool(rows, 0, rows_column(rows, "is_caught_up")))
        return DB_OK;
    struct rows *tallies = NULL;
    struct param param = as_uuid(survey);
    enum db_outcome outcome = session_run(context->session, SQL_RESULTS_TALLIES, &param, 1, &tallies);
    if (outcome != DB_OK)
        return outcome;
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    if (rows_count(tallies) > 0)
        outcome = keep_pages(context, &arena, tallies, survey,
                             rows_bool(rows, 0, rows_column(rows, "is_over")), done);
    arena_done(&arena);
    rows_free(tallies);
    return outcome;
}

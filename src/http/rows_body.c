/* From rows to JSON, where the columns that speak to the engine are used up: keysets become cursors, one row
 * more than asked becomes `next`. How a column becomes a member is db/'s business (rows_write_object). */
#include "rows_body.h"

#include "engine.h"
#include "parameters.h"
#include "query.h"

/* --- one row ----------------------------------------------------------------------------------- */

void rows_body_object(const struct exchange *exchange, const struct rows *rows, struct buffer *out)
{
    struct slice members = exchange->reply.members;
    rows_write_object(rows, 0, out);
    if (members.len == 0 || out->overflow)
        return;
    out->len--; /* the closing brace */
    if (out->data[out->len - 1] != '{')
        buffer_char(out, ',');
    buffer_slice(out, members);
    buffer_char(out, '}');
}

int64_t rows_body_until(const struct rows *rows)
{
    int column = rows_column(rows, "_until");
    int64_t until_us = INT64_MAX;
    for (unsigned row = 0; column >= 0 && row < rows_count(rows); row++)
        if (!rows_is_null(rows, row, column) && rows_instant_us(rows, row, column) < until_us)
            until_us = rows_instant_us(rows, row, column);
    return until_us;
}

/* --- a list ------------------------------------------------------------------------------------ */

struct page {
    unsigned items; /* rows that carry one and fit the page */
    bool has_more;
    int cursor_at, cursor_id; /* columns, -1: not paged */
};

static struct page find_page(const struct exchange *exchange, const struct rows *rows)
{
    struct page page = {.items = rows_count(rows),
                        .cursor_at = rows_column(rows, "_cursor_at"),
                        .cursor_id = rows_column(rows, "_cursor_id")};
    if (page.cursor_id < 0)
        return page;
    if (page.items > 0 && rows_is_null(rows, 0, page.cursor_id)) /* what the list hangs on, but no item */
        page.items = 0;
    int index = parameters_find(exchange->request.operation, IN_QUERY, SLICE("limit"));
    int64_t limit = index < 0 ? INT64_MAX : request_int(&exchange->request, "limit", INT64_MAX);
    page.has_more = page.items > limit;
    if (page.has_more)
        page.items = (unsigned)limit;
    return page;
}

static char *next_cursor(struct exchange *exchange, const struct rows *rows, const struct page *page)
{
    struct arena *arena = &exchange->request.arena;
    struct cursor cursor = {rows_instant_us(rows, page->items - 1, page->cursor_at),
                            rows_uuid(rows, page->items - 1, page->cursor_id)};
    return cursor_write(arena, &exchange->engine->shared->cursor_key, parameters_scope(exchange, arena),
                        cursor);
}

/* What may stand in a link between < and >, and in a header at all. */
static void write_uri(struct buffer *out, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c <= ' ' || c >= 0x7f || strchr("<>\"\\^`{|}", c))
            buffer_printf(out, "%%%02X", c);
        else
            buffer_char(out, (char)c);
    }
}

/* The same address with another cursor. */
static const char *next_link(struct exchange *exchange, const char *cursor)
{
    CLEANUP(buffer_done) struct buffer link;
    struct slice rest = exchange->head.query;
    struct query_pair pair;

    buffer_init(&link, 65536);
    buffer_char(&link, '<');
    write_uri(&link, exchange->head.path);
    buffer_char(&link, '?');
    while (query_next(&rest, &pair)) {
        if (slice_is(pair.name, "cursor"))
            continue;
        write_uri(&link, pair.raw);
        buffer_char(&link, '&');
    }
    buffer_printf(&link, "cursor=%s>; rel=\"next\"", cursor);
    return arena_copy(&exchange->request.arena, link.data, link.len);
}

static void write_total(const struct exchange *exchange, const struct rows *rows, struct buffer *out)
{
    int column = rows_column(rows, "_total");
    bool has_row = rows_count(rows) > 0;
    if (!exchange->is_counting || column < 0 ||
        (!has_row && exchange->has_cursor)) /* behind the end nobody counted */
        return;
    buffer_str(out, ",\"total\":");
    buffer_int(out, has_row && !rows_is_null(rows, 0, column) ? rows_int(rows, 0, column) : 0);
}

const char *rows_body_list(struct exchange *exchange, const struct rows *rows, struct buffer *out)
{
    struct page page = find_page(exchange, rows);
    const char *link = NULL;

    buffer_str(out, "{\"items\":[");
    for (unsigned row = 0; row < page.items; row++) {
        if (row > 0)
            buffer_char(out, ',');
        rows_write_object(rows, row, out);
    }
    buffer_str(out, "],\"next\":");
    if (page.has_more) {
        const char *cursor = next_cursor(exchange, rows, &page);
        buffer_json_string(out, slice_of(cursor));
        link = next_link(exchange, cursor);
    } else {
        buffer_str(out, "null");
    }
    write_total(exchange, rows, out);
    buffer_char(out, '}');
    return link;
}

/* One row for each cell of each question: what people sort and filter in a spreadsheet. A breakdown adds a column for
 * each answer. Nothing is computed here. */
#include "results_csv.h"

#include "base/csv.h"

#include <stdio.h>
#include <string.h>

struct table {
    struct csv csv;
    const struct results_heading *heading;
    const json_t *by_columns;
};

static const struct word {
    const char *persian, *english;
} columns[] = {{"شناسهٔ پرسش", "question"},
               {"پرسش", "question title"},
               {"سطر", "row"},
               {"پاسخ", "answer"},
               {"شمار", "count"},
               {"سهم (درصد)", "share (percent)"},
               {"پاسخ‌دهندگان", "answered"},
               {"یادداشت", "note"}};

static const struct word hidden = {"گروه کوچک، نشان داده نمی‌شود",
                                   "small group, not shown"},
                         withheld = {"نشان داده نمی‌شود", "not shown"},
                         none = {"بی‌پاسخ", "no answer"}, below = {"کمتر از", "below"},
                         from_on = {"از", "from"}, up_to = {"تا", "to"};

static struct slice word_of(const struct table *table, struct word word)
{
    return slice_of(table->heading->is_english ? word.english : word.persian);
}

static struct slice title_of(const struct table *table, const json_t *thing)
{
    const char *fa = json_string_value(json_object_get(thing, "title_fa")),
               *en = json_string_value(json_object_get(thing, "title_en"));
    const char *title = table->heading->is_english && en ? en : fa;
    return slice_of(title ? title : "");
}

static void put_number(struct csv *csv, const json_t *number, double times)
{
    char text[40];
    if (json_is_number(number))
        csv_raw(csv, (struct slice){text, (size_t)snprintf(text, sizeof text, "%.10g",
                                                           json_number_value(number) * times)});
    else
        csv_empty(csv);
}

static void write_end(struct buffer *out, const json_t *end)
{
    if (json_is_string(end))
        buffer_str(out, json_string_value(end));
    else
        buffer_printf(out, "%.10g", json_number_value(end));
}

/* "1", "1–2", "below 20", "from 60". */
static void put_range(struct table *table, const json_t *cell)
{
    CLEANUP(buffer_done) struct buffer text;
    const json_t *from = json_object_get(cell, "from"), *to = json_object_get(cell, "to");
    buffer_init(&text, 200);
    if (json_is_null(from) || json_is_null(to)) {
        buffer_slice(&text, word_of(table, json_is_null(from) ? below : from_on));
        buffer_char(&text, ' ');
        write_end(&text, json_is_null(from) ? to : from);
    } else {
        write_end(&text, from);
        if (!json_equal(from, to)) {
            buffer_char(&text, ' ');
            buffer_slice(&text, word_of(table, up_to));
            buffer_char(&text, ' ');
            write_end(&text, to);
        }
    }
    csv_text(&table->csv, buffer_view(&text));
}

static void put_cell(struct table *table, const json_t *question, const json_t *row, const json_t *cell)
{
    struct csv *csv = &table->csv;
    const json_t *count = json_object_get(cell, "count"), *column;
    csv_text(csv, slice_of(json_string_value(json_object_get(question, "id"))));
    csv_text(csv, title_of(table, question));
    csv_text(csv, title_of(table, row));
    if (!cell)
        csv_empty(csv);
    else if (json_is_string(json_object_get(cell, "key")))
        csv_text(csv, title_of(table, cell));
    else
        put_range(table, cell);
    put_number(csv, count, 1);
    put_number(csv, json_object_get(cell, "share"), 100);
    put_number(csv, json_object_get(row ? row : question, "answered"), 1);
    if (cell ? json_is_null(count) : json_is_null(json_object_get(row ? row : question, "answered")))
        csv_text(csv, word_of(table, cell ? hidden : withheld));
    else
        csv_empty(csv);
    size_t i;
    json_array_foreach (table->by_columns, i, column)
        put_number(csv, json_object_get(json_array_get(json_object_get(cell, "by"), i), "count"), 1);
    csv_end_row(csv);
}

static void put_part(struct table *table, const json_t *question, const json_t *row)
{
    const json_t *cells = json_object_get(row ? row : question, "cells"), *cell;
    size_t i;
    json_array_foreach (cells, i, cell)
        put_cell(table, question, row, cell);
    if (json_array_size(cells) == 0)
        put_cell(table, question, row, NULL);
}

static void put_head(struct table *table)
{
    size_t i;
    const json_t *column;
    for (i = 0; i < ARRAY_LEN(columns); i++)
        csv_text(&table->csv, word_of(table, columns[i]));
    json_array_foreach (table->by_columns, i, column)
        csv_text(&table->csv, json_is_null(json_object_get(column, "key")) ? word_of(table, none)
                                                                           : title_of(table, column));
    csv_end_row(&table->csv);
}

void results_write_csv(const json_t *page, const struct results_heading *heading, struct buffer *out)
{
    struct table table = {{.out = out}, heading, json_object_get(json_object_get(page, "by"), "columns")};
    const json_t *question, *row;
    size_t i, r;
    buffer_str(out, CSV_MARK);
    put_head(&table);
    json_array_foreach (json_object_get(page, "questions"), i, question) {
        const json_t *rows = json_object_get(question, "rows");
        json_array_foreach (rows, r, row)
            put_part(&table, question, row);
        if (json_array_size(rows) == 0)
            put_part(&table, question, NULL);
    }
}

/* Rows as CSV: the same columns and the same writers as for JSON. What a cell looks like is base/csv.h's. */
#include "plan_columns.h"

#include "base/csv.h"
#include "bug.h"

/* A key is `,"name":`, and names need no escaping. */
static struct slice key_name(struct slice key)
{
    size_t begin = key.len > 0 && key.data[0] == ',' ? 2 : 1;
    return (struct slice){key.data + begin, key.len - begin - 2};
}

void plan_write_csv_names(const struct plan *plan, struct buffer *out)
{
    struct csv csv = {.out = out};
    for (unsigned i = 0; i < plan->count; i++)
        csv_text(&csv, key_name(plan->columns[i].key));
    csv_end_row(&csv);
}

/* What the writers of JSON put between quotes (dates, uuids) stands in a cell without. */
static void write_unquoted(struct buffer *out, value_writer *write, const char *value, int len)
{
    size_t start = out->len;
    write(out, value, len);
    if (out->overflow)
        return;
    char *text = out->data + start;
    size_t written = out->len - start;
    if (text[0] == '"') {
        memmove(text, text + 1, written - 2);
        out->len -= 2;
    } else if (text[0] == 'n') { /* null: an infinite date */
        out->len = start;
    }
}

static void write_cell(struct csv *csv, const struct column *column, const char *value, int len)
{
    switch (column->cell) {
    case CELL_TEXT:
        csv_text(csv, (struct slice){value, (size_t)len});
        break;
    case CELL_VALUE:
        csv_empty(csv);
        write_unquoted(csv->out, column->write, value, len);
        break;
    case CELL_NONE:
        db_bug("a column of many values is no cell of CSV", column->key.data);
        csv_empty(csv);
    }
}

void plan_write_csv(const struct plan *plan, const PGresult *result, int row, struct buffer *out)
{
    struct csv csv = {.out = out};
    for (unsigned i = 0; i < plan->count; i++) {
        const struct column *column = &plan->columns[i];
        int number = column->number;
        if (PQgetisnull(result, row, number))
            csv_empty(&csv);
        else
            write_cell(&csv, column, PQgetvalue(result, row, number), PQgetlength(result, row, number));
    }
    csv_end_row(&csv);
}

/* Drawing: one band for each bar, from top to bottom. In Persian labels stand at the right and bars grow to the left;
 * in English it is the mirror image. Nothing is loaded: the fonts are those that the reader has. */
#include "chart.h"

#include "chart_text.h"

#include <math.h>
#include <string.h>

enum {
    WIDTH = 720,
    MARGIN = 16,
    LABEL_WIDTH = 230,
    BAR_WIDTH = 300,
    BAR_HEIGHT = 22,
    LINE = 20,
    BAND_GAP = 12
};
enum { TITLE_CHARS = 64, LABEL_CHARS = 27 };

enum pattern { PATTERN_PLAIN, PATTERN_STRIPES, PATTERN_DOTS };

struct chart {
    const struct results_heading *heading;
    struct buffer body, told;
    double scale; /* pixels for one */
    int y;
};

struct bar {
    const json_t *label;  /* has titles, or the ends of a range */
    const json_t *number; /* what its length tells; null: hidden */
    const json_t *share;
    enum pattern pattern;
};

static const char *pick(const struct chart *chart, const char *persian, const char *english)
{
    return chart->heading->is_english ? english : persian;
}

static struct slice title_of(const struct chart *chart, const json_t *thing)
{
    const char *fa = json_string_value(json_object_get(thing, "title_fa")),
               *en = json_string_value(json_object_get(thing, "title_en"));
    const char *title = chart->heading->is_english && en ? en : fa;
    return slice_of(title ? title : "");
}

static int from_start(const struct chart *chart, int x)
{
    return chart->heading->is_english ? x : WIDTH - x;
}

static void write_line(struct chart *chart, const char *class, int x, int y, struct slice text, bool is_cut)
{
    buffer_printf(&chart->body, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, from_start(chart, x), y);
    chart_escape(&chart->body, text);
    buffer_str(&chart->body, is_cut ? "…</text>" : "</text>");
}

/* Returns how many lines it took. */
static size_t write_wrapped(struct chart *chart, const char *class, struct slice text, size_t width,
                            size_t most)
{
    struct slice lines[CHART_LINES_MAX];
    bool is_cut;
    size_t count = chart_wrap(text, width, most, lines, &is_cut);
    for (size_t i = 0; i < count; i++)
        write_line(chart, class, MARGIN, chart->y + LINE * (int)i + 16, lines[i], is_cut && i + 1 == count);
    return count > 0 ? count : 1;
}

/* --- words ------------------------------------------------------------------------------------- */

static void write_end(const struct chart *chart, struct buffer *out, const json_t *end)
{
    if (json_is_string(end))
        chart_digits(out, slice_of(json_string_value(end)), chart->heading->is_english);
    else
        chart_number(out, json_number_value(end), chart->heading->is_english);
}

static void write_label(const struct chart *chart, struct buffer *out, const json_t *label)
{
    const json_t *from = json_object_get(label, "from"), *to = json_object_get(label, "to");
    if (json_is_string(json_object_get(label, "key")) || (!from && !to)) {
        buffer_slice(out, title_of(chart, label));
        return;
    }
    if (json_is_null(from))
        buffer_str(out, pick(chart, "کمتر از ", "below "));
    else if (json_is_null(to))
        buffer_str(out, pick(chart, "از ", "from "));
    write_end(chart, out, json_is_null(from) ? to : from);
    if (json_is_null(from) || json_is_null(to) || json_equal(from, to))
        return;
    buffer_str(out, pick(chart, " تا ", " to "));
    write_end(chart, out, to);
}

static void write_value(const struct chart *chart, struct buffer *out, const struct bar *bar)
{
    bool is_english = chart->heading->is_english;
    if (!json_is_number(bar->number)) {
        buffer_str(out, pick(chart, "گروه کوچک؛ نشان داده نمی‌شود",
                             "small group; not shown"));
        return;
    }
    chart_number(out, json_number_value(bar->number), is_english);
    if (!json_is_number(bar->share))
        return;
    buffer_str(out, " (");
    chart_number(out, json_number_value(bar->share) * 100, is_english);
    buffer_str(out, pick(chart, "٪)", "%)"));
}

/* --- a bar ------------------------------------------------------------------------------------- */

static void write_shape(struct chart *chart, const struct bar *bar, int y, int *ret_length)
{
    static const char *const patterns[] = {
        [PATTERN_PLAIN] = "bar", [PATTERN_STRIPES] = "bar stripes", [PATTERN_DOTS] = "bar dots"};
    double number = json_number_value(bar->number),
           length = round(fmax(number, 0) * chart->scale * 100) / 100;
    int start = MARGIN + LABEL_WIDTH;
    *ret_length = (int)ceil(length);
    if (!json_is_number(bar->number))
        return;
    buffer_printf(&chart->body, "<rect class=\"%s\" x=\"%.10g\" y=\"%d\" width=\"%.10g\" height=\"%d\"/>",
                  patterns[bar->pattern], chart->heading->is_english ? start : WIDTH - start - length, y,
                  length, BAR_HEIGHT);
}

static void add_bar(struct chart *chart, const struct bar *bar)
{
    CLEANUP(buffer_done) struct buffer label;
    CLEANUP(buffer_done) struct buffer value;
    int length;
    buffer_init(&label, 16384);
    buffer_init(&value, 400);
    write_label(chart, &label, bar->label);
    write_value(chart, &value, bar);

    buffer_str(&chart->body, "<g><title>");
    chart_escape(&chart->body, buffer_view(&label));
    buffer_str(&chart->body, "</title>");
    size_t lines = write_wrapped(chart, "label", buffer_view(&label), LABEL_CHARS, 2);
    write_shape(chart, bar, chart->y, &length);
    write_line(chart, "value", MARGIN + LABEL_WIDTH + length + 8, chart->y + 16, buffer_view(&value), false);
    buffer_str(&chart->body, "</g>");
    chart->y += (lines > 1 ? LINE * (int)lines + 4 : BAR_HEIGHT) + BAND_GAP;

    if (chart->told.len > 0)
        buffer_str(&chart->told, pick(chart, "؛ ", "; "));
    chart_escape(&chart->told, buffer_view(&label));
    buffer_str(&chart->told, ": ");
    chart_escape(&chart->told, buffer_view(&value));
}

/* --- a question -------------------------------------------------------------------------------- */

/* Where the NPS counts it: against, neither, for. A group that spans two is neither. */
static enum pattern pattern_of(const json_t *question, const json_t *cell)
{
    double from = json_number_value(json_object_get(cell, "from")),
           to = json_number_value(json_object_get(cell, "to"));
    if (strcmp(json_string_value(json_object_get(question, "type")), "nps") != 0)
        return PATTERN_PLAIN;
    return from >= 9 ? PATTERN_PLAIN : to <= 6 ? PATTERN_STRIPES : PATTERN_DOTS;
}

static double largest_of(const json_t *cells, const char *name, double least)
{
    const json_t *cell;
    size_t i;
    json_array_foreach (cells, i, cell)
        least = fmax(least, json_number_value(json_object_get(cell, name)));
    return least;
}

static double largest(const json_t *question, bool is_ranking)
{
    const json_t *rows = json_object_get(question, "rows"), *row;
    double most = largest_of(json_object_get(question, "cells"), "count", 0);
    size_t i;
    if (is_ranking)
        return largest_of(rows, "borda", 0);
    json_array_foreach (rows, i, row)
        most = largest_of(json_object_get(row, "cells"), "count", most);
    return most;
}

static void add_cells(struct chart *chart, const json_t *question, const json_t *cells)
{
    const json_t *cell;
    size_t i;
    json_array_foreach (cells, i, cell)
        add_bar(chart, &(struct bar){.label = cell,
                                     .number = json_object_get(cell, "count"),
                                     .share = json_object_get(cell, "share"),
                                     .pattern = pattern_of(question, cell)});
}

static void add_row(struct chart *chart, const json_t *question, const json_t *row, bool is_ranking)
{
    if (is_ranking) {
        add_bar(chart, &(struct bar){.label = row, .number = json_object_get(row, "borda")});
        return;
    }
    chart->y += LINE * (int)write_wrapped(chart, "row", title_of(chart, row), TITLE_CHARS, 2) + 8;
    buffer_str(&chart->told, chart->told.len > 0 ? pick(chart, "؛ ", "; ") : "");
    chart_escape(&chart->told, title_of(chart, row));
    buffer_str(&chart->told, ":");
    add_cells(chart, question, json_object_get(row, "cells"));
}

static void add_fact(struct chart *chart, struct buffer *line, const char *name, const json_t *number)
{
    if (!json_is_number(number))
        return;
    buffer_str(line, line->len > 0 ? " · " : "");
    buffer_printf(line, "%s: ", name);
    chart_number(line, json_number_value(number), chart->heading->is_english);
}

static void add_heading(struct chart *chart, const json_t *question, bool is_ranking)
{
    CLEANUP(buffer_done) struct buffer facts;
    buffer_init(&facts, 1000);
    chart->y += LINE * (int)write_wrapped(chart, "title", title_of(chart, question), TITLE_CHARS, 3) + 4;
    add_fact(chart, &facts, pick(chart, "پاسخ‌دهندگان", "answered"),
             json_object_get(question, "answered"));
    add_fact(chart, &facts, pick(chart, "میانگین", "mean"), json_object_get(question, "mean"));
    add_fact(chart, &facts, pick(chart, "میانه", "median"), json_object_get(question, "median"));
    add_fact(chart, &facts,
             pick(chart, "شاخص خالص ترویج‌کنندگان", "net promoter score"),
             json_object_get(question, "nps"));
    if (is_ranking) {
        buffer_str(&facts, facts.len > 0 ? " · " : "");
        buffer_str(&facts, pick(chart, "امتیاز بوردا", "Borda points"));
    }
    if (facts.len == 0)
        buffer_str(&facts, pick(chart, "نشان داده نمی‌شود: گروه کوچک است.",
                                "Not shown: the group is small."));
    write_line(chart, "facts", MARGIN, chart->y + 14, buffer_view(&facts), false);
    chart_escape(&chart->told, buffer_view(&facts));
    chart->y += LINE + BAND_GAP;
}

/* --- the picture ------------------------------------------------------------------------------- */

static const char style[] =
    "<style>text{font-family:Vazirmatn,Vazir,'Segoe UI',Tahoma,'DejaVu "
    "Sans',sans-serif;font-size:14px;fill:#1a1a1a}"
    ".title{font-size:17px;font-weight:bold}.row{font-weight:bold}.facts{font-size:13px;fill:#444}"
    ".bar{fill:#1d6f8a;stroke:#0b3a4a;stroke-width:1}.stripes{fill:url(#stripes)}.dots{fill:url(#dots)}</"
    "style>";

static const char patterns[] =
    "<defs><pattern id=\"stripes\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" "
    "patternTransform=\"rotate(45)\"><rect width=\"8\" height=\"8\" fill=\"#f3d9c6\"/>"
    "<rect width=\"4\" height=\"8\" fill=\"#8a3d1d\"/></pattern>"
    "<pattern id=\"dots\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
    "<rect width=\"8\" height=\"8\" fill=\"#eee\"/><circle cx=\"4\" cy=\"4\" r=\"2\" "
    "fill=\"#444\"/></pattern></defs>";

static void write_picture(const struct chart *chart, const json_t *question, struct buffer *out)
{
    buffer_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
        "role=\"img\" aria-labelledby=\"title desc\" lang=\"%s\" direction=\"%s\"><title id=\"title\">",
        WIDTH, chart->y, WIDTH, chart->y, pick(chart, "fa", "en"), pick(chart, "rtl", "ltr"));
    chart_escape(out, slice_of(chart->heading->title));
    buffer_str(out, ": ");
    chart_escape(out, title_of(chart, question));
    buffer_str(out, "</title><desc id=\"desc\">");
    buffer_slice(out, buffer_view(&chart->told));
    buffer_str(out, "</desc>");
    buffer_str(out, style);
    buffer_str(out, patterns);
    buffer_printf(out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", WIDTH, chart->y);
    buffer_slice(out, buffer_view(&chart->body));
    buffer_str(out, "</svg>\n");
}

void chart_write(const json_t *question, const struct results_heading *heading, struct buffer *out)
{
    struct chart chart = {.heading = heading, .y = MARGIN};
    bool is_ranking = strcmp(json_string_value(json_object_get(question, "type")), "ranking") == 0;
    double most = largest(question, is_ranking);
    const json_t *row;
    size_t i;
    buffer_init(&chart.body, out->max);
    buffer_init(&chart.told, out->max);
    chart.scale = most > 0 ? BAR_WIDTH / most : 0;
    add_heading(&chart, question, is_ranking);
    json_array_foreach (json_object_get(question, "rows"), i, row)
        add_row(&chart, question, row, is_ranking);
    add_cells(&chart, question, json_object_get(question, "cells"));
    out->overflow |= chart.body.overflow || chart.told.overflow;
    write_picture(&chart, question, out);
    buffer_done(&chart.body);
    buffer_done(&chart.told);
}

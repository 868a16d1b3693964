/* CSV: what needs quotes has them, what is a formula is none any more, and everything can be read back. */
#include "unit.h"

#include "base/csv.h"

static void assert_cell(const char *text, const char *expected)
{
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 10000);
    struct csv csv = {.out = &out};
    csv_text(&csv, slice_of(text));
    assert_string_equal(buffer_view(&out).data, expected);
}

static void plain_texts_stay_as_they_are(void **state)
{
    (void)state;
    assert_cell("", "");
    assert_cell("نظر", "نظر");
    assert_cell("a b", "a b");
    assert_cell("1=2", "1=2");
    assert_cell("فارسی، با ویرگول", "فارسی، با ویرگول");
}

static void separators_quotes_and_ends_of_lines_are_quoted(void **state)
{
    (void)state;
    assert_cell("a,b", "\"a,b\"");
    assert_cell("a;b", "\"a;b\"");
    assert_cell("say \"no\"", "\"say \"\"no\"\"\"");
    assert_cell("\"", "\"\"\"\"");
    assert_cell("a\r\nb", "\"a\r\nb\"");
    assert_cell(" a", "\" a\"");
    assert_cell("a ", "\"a \"");
}

static void formulas_are_defused(void **state)
{
    (void)state;
    assert_cell("=1+2", "\"'=1+2\"");
    assert_cell("+98", "\"'+98\"");
    assert_cell("-1", "\"'-1\"");
    assert_cell("@SUM(A1)", "\"'@SUM(A1)\"");
    assert_cell("\t=1", "\"'\t=1\"");
    assert_cell("\r=1", "\"'\r=1\"");
    assert_cell("\nx", "\"'\nx\"");
    assert_cell("  =1", "\"'  =1\"");
    assert_cell("＝1+2", "\"'＝1+2\"");
    assert_cell("＠x", "\"'＠x\"");
    assert_cell("=\"a\",1", "\"'=\"\"a\"\",1\"");
    assert_cell("=", "\"'=\"");
}

static void rows_are_cells_between_commas(void **state)
{
    (void)state;
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 1000);
    struct csv csv = {.out = &out};
    csv_int(&csv, -5);
    csv_empty(&csv);
    csv_raw(&csv, SLICE("-0.5"));
    csv_end_row(&csv);
    csv_empty(&csv);
    csv_text(&csv, SLICE("x"));
    csv_end_row(&csv);
    assert_string_equal(out.data, "-5,,-0.5\r\n,x\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_texts_stay_as_they_are),
        cmocka_unit_test(separators_quotes_and_ends_of_lines_are_quoted),
        cmocka_unit_test(formulas_are_defused),
        cmocka_unit_test(rows_are_cells_between_commas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

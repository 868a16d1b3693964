/* The formats: what each one takes and what it refuses. */
#include "unit.h"

#include "schema_internal.h"

#include <string.h>

struct format_case {
    const char *format, *text;
    bool is_accepted;
};

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct format_case cases[] = {
    {"uuid", "01234567-89ab-7def-8123-456789abcdef", true},
    {"uuid", "01234567-89AB-7DEF-8123-456789ABCDEF", true},
    {"uuid", "0123456789ab7def8123456789abcdef", false},
    {"uuid", "01234567-89ab-7def-8123-456789abcdeg", false},
    {"uuid", "", false},

    {"date", "2027-01-10", true},
    {"date", "2027-02-29", false},
    {"date", "2027-1-10", false},
    {"date", "2027-01-10T00:00:00Z", false},

    {"date-time", "2026-12-01T04:30:00Z", true},
    {"date-time", "2026-12-01T08:00:00.123+03:30", true},
    {"date-time", "2026-12-01T04:30:00", false},
    {"date-time", "2026-12-01 04:30", false},
    {"date-time", "infinity", false},

    {"email", "zahra@example.ir", true},
    {"email", "z.o'neil+tag@mail.example.co", true},
    {"email", "zahra@localhost", false},
    {"email", "zahra@example.123", false},
    {"email", "zah ra@example.ir", false},
    {"email", "zahra@@example.ir", false},
    {"email", "@example.ir", false},
    {"email", "zahra@", false},
    {"email", ".z@example.ir", false},
    {"email", "z@-example.ir", false},
    {"email", "z@example..ir", false},
    {"email", "z@example.ir\n", false},
    {"email", "<z@example.ir>", false},
    {"email", "زهرا@example.ir", false},
    {"email", LABEL_63 "aa@example.ir", false},
    {"email", "z@" LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 ".ir", false},

    {"uri", "https://example.ir", true},
    {"uri", "http://example.ir:8080/a/b?c=d#e", true},
    {"uri", "https://localhost/a", true},
    {"uri", "https://example.ir/%D8%B3", true},
    {"uri", "ftp://example.ir/", false},
    {"uri", "javascript:alert(1)", false},
    {"uri", "https://", false},
    {"uri", "https:///a", false},
    {"uri", "https://user@example.ir/", false},
    {"uri", "https://example.ir:/", false},
    {"uri", "https://example.ir:80a/", false},
    {"uri", "https://example.ir/a b", false},
    {"uri", "https://example.ir/<a>", false},
    {"uri", "https://مثال.ir/", false},

    {"iran-mobile", "09123456789", true},
    {"iran-mobile", "+989123456789", true},
    {"iran-mobile", "۰۹۱۲۳۴۵۶۷۸۹", true},
    {"iran-mobile", "٠٩١٢٣٤٥٦٧٨٩", true},
    {"iran-mobile", "+۹۸۹۱۲۳۴۵۶۷۸۹", true},
    {"iran-mobile", "0912345678", false},
    {"iran-mobile", "091234567890", false},
    {"iran-mobile", "08123456789", false},
    {"iran-mobile", "+979123456789", false},
    {"iran-mobile", "+98 9123456789", false},
    {"iran-mobile", "0912345678\xDB", false},
    {"iran-mobile", "", false},

    {"iran-national-id", "0084575948", true},
    {"iran-national-id", "۰۰۸۴۵۷۵۹۴۸", true},
    {"iran-national-id", "1111111111", false},
    {"iran-national-id", "0000000000", false},
    {"iran-national-id", "0084575949", false},
    {"iran-national-id", "008457594", false},
    {"iran-national-id", "00845759480", false},
    {"iran-national-id", "008457594a", false},

    {"tracking-code", "12345678901234567890", true},
    {"tracking-code", "1234-5678 9012 3456-7890", true},
    {"tracking-code", "۱۲۳۴ ۵۶۷۸ ۹۰۱۲ ۳۴۵۶ ۷۸۹۰", true},
    {"tracking-code", "1234567890123456789", false},
    {"tracking-code", "123456789012345678901", false},
    {"tracking-code", "1234567890123456789x", false},
    {"tracking-code", "", false},

    {"slug", "sistan-baluchestan", true},
    {"slug", "isfahan", true},
    {"slug", "region-2", true},
    {"slug", "Isfahan", false},
    {"slug", "-isfahan", false},
    {"slug", "isfahan-", false},
    {"slug", "is--fahan", false},
    {"slug", "is_fahan", false},
    {"slug", "", false},
    {"slug", LABEL_63 "a", true},
    {"slug", LABEL_63 "aa", false},
};

static void each_format_takes_its_own_and_nothing_else(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 4096);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct format *format = format_find(cases[i].format);
        assert_non_null(format);
        if (format->accepts(slice_of(cases[i].text), &arena) != cases[i].is_accepted)
            fail_msg("%s: '%s'", cases[i].format, cases[i].text);
    }
    arena_done(&arena);
}

/* For every nine digits there is one check digit, save where all ten would be equal. */
static void a_national_id_has_one_check_digit(void **state)
{
    const struct format *format = format_find("iran-national-id");
    char text[16];

    (void)state;
    for (unsigned n = 1; n < 1000000000; n += 7654321) {
        unsigned accepted = 0;
        for (unsigned check = 0; check < 10; check++) {
            snprintf(text, sizeof text, "%09u%u", n, check);
            accepted += format->accepts(slice_of(text), NULL);
        }
        assert_int_equal(accepted, 1);
    }
}

static void an_unknown_format_is_not_found(void **state)
{
    (void)state;
    assert_null(format_find("ipv4"));
    assert_null(format_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_takes_its_own_and_nothing_else),
        cmocka_unit_test(a_national_id_has_one_check_digit),
        cmocka_unit_test(an_unknown_format_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

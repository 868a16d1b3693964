/* Accept-Language: a table. */
#include "unit.h"

#include "language.h"

static const struct {
    const char *header; /* NULL: none */
    enum language wanted;
} rows[] = {
    {NULL, LANGUAGE_FA},
    {"", LANGUAGE_FA},
    {"fa", LANGUAGE_FA},
    {"en", LANGUAGE_EN},
    {"EN", LANGUAGE_EN},
    {"en-GB", LANGUAGE_EN},
    {"fa-IR", LANGUAGE_FA},
    {"eng", LANGUAGE_FA},
    {"de", LANGUAGE_FA},
    {"*", LANGUAGE_FA},
    {"de, *", LANGUAGE_FA},
    {"en, fa", LANGUAGE_EN},
    {"fa, en", LANGUAGE_FA},
    {"fa;q=0.8, en;q=0.9", LANGUAGE_EN},
    {"en;q=0.8,fa;q=0.9", LANGUAGE_FA},
    {"en;q=0.851, fa;q=0.85", LANGUAGE_EN},
    {"en;q=0", LANGUAGE_FA},
    {"en;q=0.0, *", LANGUAGE_FA},
    {"fa;q=0, *", LANGUAGE_EN},
    {"fa;q=0.1, *;q=0.5", LANGUAGE_EN},
    {"de;q=1, en;q=0.3", LANGUAGE_EN},
    {"en ; q=1.0 , fa;q=0.5", LANGUAGE_EN},
    {"en;q=1.5, fa;q=0.1", LANGUAGE_FA},
    {"en;q=x, fa;q=0.1", LANGUAGE_FA},
    {"en;q=0.12345, fa;q=0.1", LANGUAGE_FA},
    {"en;q=0.123456789, fa;q=0.1", LANGUAGE_FA},
    {",,;;,=", LANGUAGE_FA},
    {"en;;q=1", LANGUAGE_FA},
    {"en-US,en;q=0.9,fa;q=0.8", LANGUAGE_EN},
    {"fa-IR,fa;q=0.9,en-US;q=0.8,en;q=0.7", LANGUAGE_FA},
};

static void chooses(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (language_choose(slice_of(rows[i].header)) != rows[i].wanted)
            fail_msg("\"%s\" should be %s", rows[i].header, language_tag(rows[i].wanted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(chooses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

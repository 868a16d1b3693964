/* Contracts that must not compile, for the tests of errors. */
#ifndef ERRORS_H
#define ERRORS_H

#include "unit.h"

#include <string.h>

struct error_case {
    const char *yaml; /* follows a common head; the wrong line carries "# HERE" */
    const char *text; /* part of what is said */
};

static unsigned marked_line(const char *yaml)
{
    const char *mark = strstr(yaml, "# HERE");
    unsigned line = 1;

    for (const char *c = yaml; mark && c < mark; c++)
        line += *c == '\n';
    return mark ? line : 0;
}

static inline UNUSED void assert_errors(const char *head, const struct error_case *cases, size_t count)
{
    char yaml[UNIT_FILE_MAX];

    for (size_t i = 0; i < count; i++) {
        struct contract_error error = {0};
        snprintf(yaml, sizeof yaml, "%s%s", head, cases[i].yaml);
        struct contract *contract = contract_compile(slice_of(yaml), &unit_vocabulary, &error);
        if (contract)
            fail_msg("compiled: %s", cases[i].yaml);
        if (error.line != marked_line(yaml) || !strstr(error.text, cases[i].text))
            fail_msg("line %u, '%s' for:\n%s", error.line, error.text, yaml);
    }
}

#endif

/* `pattern`: PCRE2 in the dialect of JSON Schema. A pattern is compiled once and shared by all threads; what
 * a match writes is made for it. No JIT: patterns here are short, and matching must stay bounded. */
#include "schema_internal.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define PATTERN_STEPS_MAX   100000
#define PATTERN_PROBLEM_MAX 128

struct pattern {
    pcre2_code *code;
    pcre2_match_context *context; /* carries the limit */
};

static void release_code(void *code)
{
    pcre2_code_free(code);
}

static void release_context(void *context)
{
    pcre2_match_context_free(context);
}

const struct pattern *pattern_compile(struct arena *arena, const char *text, const char **ret_problem,
                                      size_t *ret_offset)
{
    const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_MATCH_UNSET_BACKREF |
                             PCRE2_NEVER_BACKSLASH_C;
    int problem = 0;
    PCRE2_SIZE offset = 0;

    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &problem, &offset, NULL);
    if (!code) {
        char *words = arena_alloc(arena, PATTERN_PROBLEM_MAX);
        pcre2_get_error_message(problem, (PCRE2_UCHAR *)words, PATTERN_PROBLEM_MAX);
        *ret_problem = words;
        *ret_offset = offset;
        return NULL;
    }
    arena_defer(arena, release_code, code);

    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (!context)
        abort();
    arena_defer(arena, release_context, context);
    pcre2_set_match_limit(context, PATTERN_STEPS_MAX);

    struct pattern *pattern = arena_alloc(arena, sizeof *pattern);
    *pattern = (struct pattern){code, context};
    return pattern;
}

bool pattern_matches(const struct pattern *pattern, struct slice text)
{
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);

    if (!match)
        abort();
    int count = pcre2_match(pattern->code, (PCRE2_SPTR)text.data, text.len, 0, PCRE2_NO_UTF_CHECK, match,
                            pattern->context);
    pcre2_match_data_free(match);
    return count >= 0;
}

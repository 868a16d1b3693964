/* The lifecycles of LIFECYCLES.md as one table. A state that follows from the clock alone (scheduled, open,
 * closed) is no row here: it is computed at reading. Guards beyond state, permission and reason stand in the
 * statement that makes the transition. */
#include "domain/lifecycle.h"

#include "base/buffer.h"

#define DRAFT(from, to, permission, reason)                                                                  \
    {                                                                                                        \
        THING_DRAFT, from, to, PERMISSION_##permission, reason                                               \
    }
#define COMMENT(from, to, permission, reason)                                                                \
    {                                                                                                        \
        THING_COMMENT, from, to, PERMISSION_##permission, reason                                             \
    }

const struct transition lifecycle_transitions[] = {
    /* a thing's rows stand together, sorted by `from`: the maps are written in one pass */
    DRAFT("approved", "promulgated", DRAFT_ISSUE, false), /* I6, B4 */
    DRAFT("approved", "sent", DRAFT_ISSUE, false),        /* B2, B3 */
    DRAFT("approved", "withdrawn", DRAFT_WITHDRAW, true),
    DRAFT("exempted", "approved", DRAFT_APPROVE, false),
    DRAFT("exempted", "withdrawn", DRAFT_WITHDRAW, true),
    DRAFT("preparing", "published", DRAFT_PUBLISH, false), /* I3, B1, B2 */
    DRAFT("preparing", "exempted", DRAFT_EXEMPT, true),    /* I2 */
    DRAFT("preparing", "withdrawn", DRAFT_WITHDRAW, true),
    DRAFT("published", "published", DRAFT_PUBLISH, true), /* extend */
    DRAFT("published", "reviewing", DRAFT_REVIEW, false),
    DRAFT("published", "withdrawn", DRAFT_WITHDRAW, true),
    DRAFT("reviewing", "approved", DRAFT_APPROVE, false),  /* I6 */
    DRAFT("reviewing", "published", DRAFT_PUBLISH, false), /* another round */
    DRAFT("reviewing", "withdrawn", DRAFT_WITHDRAW, true),

    COMMENT("pending", "published", COMMENT_MODERATE, false),
    COMMENT("pending", "withheld", COMMENT_MODERATE, true),
    COMMENT("pending", "rejected", COMMENT_MODERATE, true),
    COMMENT("published", "withheld", COMMENT_MODERATE, true),
    COMMENT("published", "rejected", COMMENT_MODERATE, true),
    COMMENT("withheld", "published", COMMENT_MODERATE, false),
};
const size_t lifecycle_transition_count = ARRAY_LEN(lifecycle_transitions);

/* Writes the rows that `is_wanted` as a map; rows of one `from` stand together in the table. */
static struct slice map_write(struct arena *arena, enum thing thing, uint64_t permissions, bool only_reasons)
{
    CLEANUP(buffer_done) struct buffer out;
    buffer_init(&out, 4096);
    const char *open = NULL;
    buffer_char(&out, '{');
    for (size_t i = 0; i < lifecycle_transition_count; i++) {
        const struct transition *row = &lifecycle_transitions[i];
        bool is_wanted = row->thing == thing && (permissions & PERMISSION_BIT(row->permission)) &&
                         (row->is_reason_needed || !only_reasons);
        if (!is_wanted)
            continue;
        if (open && strcmp(open, row->from) == 0)
            buffer_printf(&out, ",\"%s\"", row->to);
        else
            buffer_printf(&out, "%s\"%s\":[\"%s\"", open ? "]," : "", row->from, row->to);
        open = row->from;
    }
    buffer_str(&out, open ? "]}" : "}");
    return (struct slice){arena_copy(arena, out.data, out.len), out.len};
}

struct slice lifecycle_known(struct arena *arena, enum thing thing)
{
    return map_write(arena, thing, UINT64_MAX, false);
}

struct slice lifecycle_permitted(struct arena *arena, enum thing thing, uint64_t permissions)
{
    return map_write(arena, thing, permissions, false);
}

struct slice lifecycle_reasons(struct arena *arena, enum thing thing)
{
    return map_write(arena, thing, UINT64_MAX, true);
}

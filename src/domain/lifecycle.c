/* The lifecycles of LIFECYCLES.md as one table. A state that follows from the clock alone (scheduled, open,
 * closed, overdue) is no row here: it is computed at reading
 * (only a survey's rows speak of such states). Guards beyond state, permission and reason
 * stand in the statement that makes the transition. `merged`, `converted` and `duplicate` are rows like others but
 * have operations of their own; what the citizen does by tracking code is a row of CITIZEN. Answered cases are
 * also closed by the worker. */
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
#define COMPLAINT(from, to, permission, reason)                                                              \
    {                                                                                                        \
        THING_COMPLAINT, from, to, PERMISSION_##permission, reason                                           \
    }
#define MESSAGE(from, to, permission, reason)                                                                \
    {                                                                                                        \
        THING_MESSAGE, from, to, PERMISSION_##permission, reason                                             \
    }
#define INFO_REQUEST(from, to, permission, reason)                                                           \
    {                                                                                                        \
        THING_INFO_REQUEST, from, to, PERMISSION_##permission, reason                                        \
    }
#define SUGGESTION(from, to, permission, reason)                                                             \
    {                                                                                                        \
        THING_SUGGESTION, from, to, PERMISSION_##permission, reason                                          \
    }
#define SURVEY(from, to, permission, reason)                                                                 \
    {                                                                                                        \
        THING_SURVEY, from, to, PERMISSION_##permission, reason                                              \
    }
#define SESSION(from, to, permission, reason)                                                                \
    {                                                                                                        \
        THING_SESSION, from, to, PERMISSION_##permission, reason                                             \
    }

_Static_assert(PERMISSION_COUNT < 64, "the citizen's is one bit more");

/* One row a line: tests are drawn from them. */
/* clang-format off */
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

    COMPLAINT("registered", "assigned", CASE_ASSIGN, false), /* I9; or by the service, at once: case_file */
    COMPLAINT("registered", "rejected", CASE_INSPECT, true),
    COMPLAINT("registered", "merged", CASE_INSPECT, true),
    COMPLAINT("registered", "withdrawn", CITIZEN, false),
    COMPLAINT("assigned", "assigned", CASE_ASSIGN, false),  /* to another unit */
    COMPLAINT("assigned", "in_progress", CASE_WORK, false), /* I10: the first response */
    COMPLAINT("assigned", "rejected", CASE_INSPECT, true),
    COMPLAINT("assigned", "merged", CASE_INSPECT, true),
    COMPLAINT("assigned", "withdrawn", CITIZEN, false),
    COMPLAINT("in_progress", "assigned", CASE_ASSIGN, false),
    COMPLAINT("in_progress", "awaiting_citizen", CASE_WORK, false), /* I12: pauses only where the policy says so */
    COMPLAINT("in_progress", "answered", CASE_ANSWER, false), /* I11 */
    COMPLAINT("in_progress", "referred_out", CASE_INSPECT, true), /* B11; the end, or followed */
    COMPLAINT("in_progress", "merged", CASE_INSPECT, true),
    COMPLAINT("in_progress", "withdrawn", CITIZEN, false),
    COMPLAINT("awaiting_citizen", "in_progress", CASE_WORK, false),
    COMPLAINT("awaiting_citizen", "answered", CASE_ANSWER, false),
    COMPLAINT("awaiting_citizen", "in_progress", CITIZEN, false), /* any reply resumes */
    COMPLAINT("awaiting_citizen", "withdrawn", CITIZEN, false),
    COMPLAINT("referred_out", "answered", CASE_ANSWER, false), /* where referrals are followed: case_stage() */
    COMPLAINT("referred_out", "in_progress", CASE_INSPECT, false), /* sent back */
    COMPLAINT("referred_out", "withdrawn", CITIZEN, false),
    COMPLAINT("answered", "closed", CASE_INSPECT, true),
    COMPLAINT("answered", "in_progress", CASE_INSPECT, false), /* another round */
    COMPLAINT("answered", "in_progress", CITIZEN, false), /* before what else the citizen may: lifecycle_citizen_next() */
    COMPLAINT("answered", "closed", CITIZEN, false), /* accepted */
    COMPLAINT("closed", "in_progress", CASE_INSPECT, false),
    COMPLAINT("closed", "in_progress", CITIZEN, false),

    MESSAGE("received", "assigned", CASE_ASSIGN, false),
    MESSAGE("received", "no_reply_needed", CASE_WORK, true),
    MESSAGE("received", "spam", CASE_WORK, true),
    MESSAGE("received", "converted", CASE_WORK, false),
    MESSAGE("assigned", "answered", MESSAGE_ANSWER, false), /* S10 */
    MESSAGE("assigned", "forwarded", MESSAGE_ANSWER, true), /* the clock goes on */
    MESSAGE("assigned", "no_reply_needed", CASE_WORK, true),
    MESSAGE("assigned", "spam", CASE_WORK, true),
    MESSAGE("assigned", "converted", CASE_WORK, false),
    MESSAGE("forwarded", "answered", MESSAGE_ANSWER, false),
    MESSAGE("no_reply_needed", "received", CASE_WORK, false),
    MESSAGE("spam", "received", CASE_WORK, false),
    MESSAGE("answered", "closed", MESSAGE_ANSWER, true),

    INFO_REQUEST("registered", "assigned", FOI_DECIDE, false),
    INFO_REQUEST("registered", "withdrawn", CITIZEN, false),
    INFO_REQUEST("assigned", "clarification", FOI_DECIDE, false), /* the clock goes on */
    INFO_REQUEST("assigned", "answered_full", FOI_DECIDE, false),
    INFO_REQUEST("assigned", "answered_partial", FOI_DECIDE, false),
    INFO_REQUEST("assigned", "refused", FOI_REFUSE, true), /* articles 13 to 17 */
    INFO_REQUEST("assigned", "not_held", FOI_DECIDE, false),
    INFO_REQUEST("assigned", "referred", FOI_DECIDE, false),
    INFO_REQUEST("assigned", "already_public", FOI_DECIDE, false),
    INFO_REQUEST("assigned", "rejected_vague", FOI_DECIDE, true),
    INFO_REQUEST("assigned", "withdrawn", CITIZEN, false),
    INFO_REQUEST("clarification", "assigned", FOI_DECIDE, false),
    INFO_REQUEST("clarification", "answered_full", FOI_DECIDE, false),
    INFO_REQUEST("clarification", "answered_partial", FOI_DECIDE, false),
    INFO_REQUEST("clarification", "refused", FOI_REFUSE, true),
    INFO_REQUEST("clarification", "not_held", FOI_DECIDE, false),
    INFO_REQUEST("clarification", "referred", FOI_DECIDE, false),
    INFO_REQUEST("clarification", "already_public", FOI_DECIDE, false),
    INFO_REQUEST("clarification", "rejected_vague", FOI_DECIDE, true),
    INFO_REQUEST("clarification", "assigned", CITIZEN, false),
    INFO_REQUEST("clarification", "withdrawn", CITIZEN, false),
    INFO_REQUEST("answered_full", "appealed", CITIZEN, false),
    INFO_REQUEST("answered_partial", "appealed", CITIZEN, false),
    INFO_REQUEST("refused", "appealed", CITIZEN, false),
    INFO_REQUEST("not_held", "appealed", CITIZEN, false),
    INFO_REQUEST("referred", "appealed", CITIZEN, false),
    INFO_REQUEST("already_public", "appealed", CITIZEN, false),
    INFO_REQUEST("rejected_vague", "appealed", CITIZEN, false),
    INFO_REQUEST("appealed", "appeal_upheld", CASE_INSPECT, true),
    INFO_REQUEST("appealed", "appeal_dismissed", CASE_INSPECT, true),

    SUGGESTION("submitted", "screening", SUGGESTION_SCREEN, false), /* I10 */
    SUGGESTION("submitted", "withdrawn", CITIZEN, false),
    SUGGESTION("screening", "needs_completion", SUGGESTION_SCREEN, false), /* S3 */
    SUGGESTION("screening", "duplicate", SUGGESTION_SCREEN, true),
    SUGGESTION("screening", "expert_review", SUGGESTION_SCREEN, false), /* S4 */
    SUGGESTION("screening", "withdrawn", CITIZEN, false),
    SUGGESTION("needs_completion", "screening", SUGGESTION_SCREEN, false),
    SUGGESTION("needs_completion", "screening", CITIZEN, false),
    SUGGESTION("needs_completion", "withdrawn", CITIZEN, false),
    SUGGESTION("expert_review", "expert_review", SUGGESTION_SCREEN, false), /* further experts */
    SUGGESTION("expert_review", "committee", SUGGESTION_REVIEW, false),     /* S4 */
    SUGGESTION("expert_review", "withdrawn", CITIZEN, false),
    SUGGESTION("committee", "approved", COMMITTEE_DECIDE, false), /* S4 */
    SUGGESTION("committee", "rejected", COMMITTEE_DECIDE, true),
    SUGGESTION("committee", "expert_review", COMMITTEE_DECIDE, false),
    SUGGESTION("rejected", "appealed", CITIZEN, false),
    SUGGESTION("appealed", "committee", SUGGESTION_SCREEN, false),
    SUGGESTION("approved", "planned", SUGGESTION_IMPLEMENT, false),
    SUGGESTION("planned", "implementing", SUGGESTION_IMPLEMENT, false),
    SUGGESTION("implementing", "implemented", SUGGESTION_IMPLEMENT, false),

    /* states as a reader sees them: scheduled becomes running, and running ended, by the clock */
    SURVEY("drafting", "scheduled", SURVEY_RUN, false), /* I18, I19, I24, S2, B8 */
    SURVEY("drafting", "cancelled", SURVEY_RUN, true),
    SURVEY("scheduled", "cancelled", SURVEY_RUN, true),
    SURVEY("running", "paused", SURVEY_RUN, true),
    SURVEY("running", "cancelled", SURVEY_RUN, true),
    SURVEY("paused", "running", SURVEY_RUN, false),
    SURVEY("paused", "cancelled", SURVEY_RUN, true),
    SURVEY("ended", "results_published", SURVEY_PUBLISH, false),
    SURVEY("results_published", "archived", SURVEY_PUBLISH, false),

    SESSION("planned", "open", COMMITTEE_MANAGE, false),
    SESSION("planned", "cancelled", COMMITTEE_MANAGE, true),
    SESSION("open", "closed", COMMITTEE_MANAGE, false), /* with minutes; S4 */
};
/* clang-format on */
const size_t lifecycle_transition_count = ARRAY_LEN(lifecycle_transitions);

#define ALL_OF_STAFF (PERMISSION_BIT(PERMISSION_COUNT) - 1)

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
    return arena_slice(arena, buffer_view(&out));
}

struct slice lifecycle_known(struct arena *arena, enum thing thing)
{
    return map_write(arena, thing, ALL_OF_STAFF, false);
}

struct slice lifecycle_permitted(struct arena *arena, enum thing thing, uint64_t permissions)
{
    return map_write(arena, thing, permissions, false);
}

struct slice lifecycle_reasons(struct arena *arena, enum thing thing)
{
    return map_write(arena, thing, ALL_OF_STAFF, true);
}

/* The first row of the citizen's, from that state and to that one (NULL: any). */
static const struct transition *citizen_find(enum thing thing, struct slice from, const char *to)
{
    for (size_t i = 0; i < lifecycle_transition_count; i++) {
        const struct transition *row = &lifecycle_transitions[i];
        if (row->thing == thing && row->permission == PERMISSION_CITIZEN && slice_is(from, row->from) &&
            (!to || strcmp(row->to, to) == 0))
            return row;
    }
    return NULL;
}

bool lifecycle_citizen_may(enum thing thing, struct slice from, const char *to)
{
    return citizen_find(thing, from, to) != NULL;
}

const char *lifecycle_citizen_next(enum thing thing, struct slice from)
{
    const struct transition *row = citizen_find(thing, from, NULL);
    return row ? row->to : NULL;
}

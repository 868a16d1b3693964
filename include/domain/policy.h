/* What the strategies promise, as the server holds it: organisations, roles, windows per draft kind. A
 * registry is constant once parsed and replaced as a whole when a strategy was applied. */
#ifndef DOMAIN_POLICY_H
#define DOMAIN_POLICY_H

#include "base/clock.h"
#include "base/uuid.h"
#include "domain/calendar.h"

#include <jansson.h>

enum permission {
#define PERMISSION(constant, name) PERMISSION_##constant,
#include "domain/permission.def"
#undef PERMISSION
    PERMISSION_COUNT
};
extern const char *const permission_names[PERMISSION_COUNT + 1]; /* NULL-ended */
#define PERMISSION_BIT(p) (UINT64_C(1) << (p))

/* DESIGN 5: آیین‌نامه، دستورالعمل، ضوابط اجرایی، بخشنامه،
 * لایحه، تعرفه
 */
enum draft_kind {
    DRAFT_BY_LAW,
    DRAFT_DIRECTIVE,
    DRAFT_CRITERIA,
    DRAFT_CIRCULAR,
    DRAFT_BILL,
    DRAFT_TARIFF,
    DRAFT_KINDS
};
extern const char *const draft_kind_names[DRAFT_KINDS]; /* "by_law", ... */

enum window_unit { WINDOW_NO_PROMISE, WINDOW_DAYS, WINDOW_MONTHS };

struct window_policy {
    enum window_unit unit;
    int length;
};

struct role {
    const char *name;
    uint64_t permissions;
};

/* What comes through which door (DESIGN 5). */
enum case_kind { CASE_COMPLAINT, CASE_MESSAGE, CASE_INFO_REQUEST, CASE_SUGGESTION, CASE_KINDS };
extern const char *const case_kind_names[CASE_KINDS]; /* "complaint", ... */

struct case_policy {
    int working_days;  /* to the answer; 0: no promise */
    bool may_pause;    /* waiting for the citizen stops the clock */
    int reopen_days;   /* after an answer */
    int close_after;   /* working days after an answer */
    int followup_days; /* the citizen is told to follow up then (S9); 0: never */
};

#define LADDER_STEPS_MAX 16

struct org {
    struct uuid id;
    const char *slug;
    unsigned index; /* position in the registry: for cache tags */
    const struct calendar *calendar;
    struct case_policy cases[CASE_KINDS];
    int ladder[LADDER_STEPS_MAX]; /* working days from the due date, rising */
    size_t ladder_steps;
    struct window_policy windows[DRAFT_KINDS];
    const struct role *roles;
    size_t role_count;
};

struct registry;

/* From the JSON that the statement registry_load returns:
 * [{"id","slug","windows":{"by_law":{"unit":"days","length":14},...},"roles":{"expert":["draft.read",...]},
 *   "calendar":{...} (calendar.h),"ladder":[-3,...],
 *   "cases":{"complaint":{"working_days","may_pause","reopen_days","close_after_days","followup_days"},...}}].
 * NULL if it is not of that shape (logged with what is wrong). The caller holds one reference. */
MUST_USE struct registry *registry_parse(const json_t *document);
struct registry *registry_ref(struct registry *registry); /* thread-safe */
void registry_unref(struct registry *registry);           /* accepts NULL */

size_t registry_org_count(const struct registry *registry);
const struct org *registry_find(const struct registry *registry, struct slice slug); /* NULL if unknown */

/* The union of what these roles may do in `org`; a role that the organisation does not have adds nothing. */
uint64_t org_permissions(const struct org *org, const char *const *roles, size_t count);

/* The earliest instant at which a window opened at `opens_us` may close under the promise (I3, B1, B2).
 * Days: the same local time n days later. Months: the same local time on the same day of the n-th next Jalali
 * month, never less than 30 days a month. No promise: opens_us itself. */
int64_t window_least_end(struct window_policy policy, int64_t opens_us);

#endif

/* The registry of organisations: parsed once from what the database says, read by every request.
 *
 * One arena holds it all, so the last reference frees it in one piece. Not for reading the database (whoever
 * runs registry_load hands the JSON over) and not for the meaning of a window (window.c). */
#include "domain/policy.h"

#include "base/arena.h"
#include "base/log.h"

#include <stdatomic.h>
#include <stdlib.h>

#define CHUNK_SIZE     4096
#define WINDOW_LONGEST 1000 /* days or months: beyond it a strategy file was mistyped */

const char *const permission_names[PERMISSION_COUNT + 1] = {
#define PERMISSION(constant, name) [PERMISSION_##constant] = name,
#include "domain/permission.def"
#undef PERMISSION
};

_Static_assert(PERMISSION_COUNT <= 64, "permissions are the bits of a uint64_t");

const char *const case_kind_names[CASE_KINDS] = {"complaint", "message", "info_request", "suggestion"};

const char *const draft_kind_names[DRAFT_KINDS] = {
    [DRAFT_BY_LAW] = "by_law",     [DRAFT_DIRECTIVE] = "directive", [DRAFT_CRITERIA] = "criteria",
    [DRAFT_CIRCULAR] = "circular", [DRAFT_BILL] = "bill",           [DRAFT_TARIFF] = "tariff",
};

struct registry {
    atomic_uint references;
    struct arena arena;
    struct org *orgs; /* sorted by slug */
    size_t org_count;
};

/* --- parsing: each step says what is wrong in the log and returns false ------------------------------ */

static bool misshapen(const char *slug, const char *what)
{
    log_error("registry.misshapen", log_text("org", slug), log_text("what", what));
    return false;
}

static bool parse_window(const char *slug, const char *kind, const json_t *window, struct window_policy *ret)
{
    const char *unit = json_string_value(json_object_get(window, "unit"));
    const json_t *length = json_object_get(window, "length");
    json_int_t n = json_integer_value(length);
    if (!unit || !json_is_integer(length) || n < 1 || n > WINDOW_LONGEST)
        return misshapen(slug, kind);

    if (strcmp(unit, "days") == 0)
        *ret = (struct window_policy){WINDOW_DAYS, (int)n};
    else if (strcmp(unit, "months") == 0)
        *ret = (struct window_policy){WINDOW_MONTHS, (int)n};
    else
        return misshapen(slug, "window unit");
    return true;
}

/* A kind that is missing or null has no promise; that is what the zeroed array says already. */
static bool parse_windows(struct org *org, const json_t *windows)
{
    if (!json_is_object(windows))
        return misshapen(org->slug, "windows");
    size_t known = 0;
    for (size_t kind = 0; kind < DRAFT_KINDS; kind++) {
        const json_t *window = json_object_get(windows, draft_kind_names[kind]);
        known += window ? 1 : 0;
        if (!window || json_is_null(window))
            continue;
        if (!parse_window(org->slug, draft_kind_names[kind], window, &org->windows[kind]))
            return false;
    }
    return known == json_object_size(windows) || misshapen(org->slug, "unknown kind of draft");
}

/* PERMISSION_COUNT when there is no such permission. */
static size_t permission_find(const char *name)
{
    size_t i = 0;
    while (i < PERMISSION_COUNT && (!name || strcmp(name, permission_names[i]) != 0))
        i++;
    return i;
}

/* An unknown permission comes from a newer binary's strategy file: granting nothing for it is safe, so it is
 * told and left out. */
static uint64_t parse_permissions(const char *slug, const json_t *names)
{
    uint64_t bits = 0;
    size_t i;
    json_t *name;
    json_array_foreach (names, i, name) {
        size_t found = permission_find(json_string_value(name));
        if (found < PERMISSION_COUNT)
            bits |= PERMISSION_BIT(found);
        else
            log_warn("registry.unknown_permission", log_text("org", slug));
    }
    return bits;
}

static bool parse_roles(struct arena *arena, struct org *org, const json_t *roles)
{
    if (!json_is_object(roles))
        return misshapen(org->slug, "roles");
    struct role *list = arena_alloc_array(arena, json_object_size(roles), sizeof *list);
    const char *name;
    json_t *permissions;
    json_object_foreach ((json_t *)roles, name, permissions) {
        if (!json_is_array(permissions))
            return misshapen(org->slug, "permissions of a role");
        list[org->role_count++] =
            (struct role){arena_strdup(arena, name), parse_permissions(org->slug, permissions)};
    }
    org->roles = list;
    return true;
}

static int member_int(const json_t *object, const char *name)
{
    return (int)json_integer_value(json_object_get(object, name));
}

/* A kind that is missing has no promise, as with windows. */
static bool parse_cases(struct org *org, const json_t *cases)
{
    if (cases && !json_is_object(cases))
        return misshapen(org->slug, "cases");
    for (size_t kind = 0; kind < CASE_KINDS; kind++) {
        const json_t *policy = json_object_get(cases, case_kind_names[kind]);
        org->cases[kind] = (struct case_policy){
            .working_days = member_int(policy, "working_days"),
            .may_pause = json_is_true(json_object_get(policy, "may_pause")),
            .reopen_days = member_int(policy, "reopen_days"),
            .close_after = member_int(policy, "close_after_days"),
            .followup_days = member_int(policy, "followup_days"),
        };
    }
    return true;
}

static bool parse_ladder(struct org *org, const json_t *ladder)
{
    if (!ladder)
        return true;
    if (!json_is_array(ladder) || json_array_size(ladder) > LADDER_STEPS_MAX)
        return misshapen(org->slug, "ladder");
    size_t i;
    json_t *offset;
    json_array_foreach (ladder, i, offset)
        org->ladder[i] = (int)json_integer_value(offset);
    org->ladder_steps = json_array_size(ladder);
    return true;
}

static bool parse_calendar(struct arena *arena, struct org *org, const json_t *calendar)
{
    org->calendar = calendar ? calendar_parse(arena, calendar) : calendar_build(arena, NULL, 0, NULL, 0);
    return org->calendar || misshapen(org->slug, "calendar");
}

static bool parse_org(struct arena *arena, const json_t *item, struct org *org)
{
    const char *id = json_string_value(json_object_get(item, "id"));
    const char *slug = json_string_value(json_object_get(item, "slug"));
    if (!id || !slug || !uuid_parse_text(slice_of(id), &org->id))
        return misshapen("", "id or slug");
    org->slug = arena_strdup(arena, slug);

    return parse_windows(org, json_object_get(item, "windows")) &&
           parse_roles(arena, org, json_object_get(item, "roles")) &&
           parse_cases(org, json_object_get(item, "cases")) &&
           parse_ladder(org, json_object_get(item, "ladder")) &&
           parse_calendar(arena, org, json_object_get(item, "calendar"));
}

static int compare_slugs(const void *a, const void *b)
{
    return strcmp(((const struct org *)a)->slug, ((const struct org *)b)->slug);
}

static bool parse_orgs(struct registry *registry, const json_t *document)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)document, i, item) {
        if (!parse_org(&registry->arena, item, &registry->orgs[i]))
            return false;
    }
    qsort(registry->orgs, registry->org_count, sizeof *registry->orgs, compare_slugs);
    for (i = 0; i < registry->org_count; i++) {
        registry->orgs[i].index = (unsigned)i;
        if (i > 0 && compare_slugs(&registry->orgs[i - 1], &registry->orgs[i]) == 0)
            return misshapen(registry->orgs[i].slug, "slug used twice");
    }
    return true;
}

struct registry *registry_parse(const json_t *document)
{
    if (!json_is_array(document)) {
        misshapen("", "not a list");
        return NULL;
    }
    struct registry *registry = calloc(1, sizeof *registry);
    if (!registry)
        abort();
    atomic_init(&registry->references, 1);
    arena_init(&registry->arena, CHUNK_SIZE);
    registry->org_count = json_array_size(document);
    registry->orgs = arena_alloc_array(&registry->arena, registry->org_count, sizeof *registry->orgs);

    if (parse_orgs(registry, document))
        return registry;
    registry_unref(registry);
    return NULL;
}

struct registry *registry_ref(struct registry *registry)
{
    atomic_fetch_add_explicit(&registry->references, 1, memory_order_relaxed);
    return registry;
}

void registry_unref(struct registry *registry)
{
    if (!registry || atomic_fetch_sub_explicit(&registry->references, 1, memory_order_acq_rel) != 1)
        return;
    arena_done(&registry->arena);
    free(registry);
}

/* --- reading ------------------------------------------------------------------------------------- */

size_t registry_org_count(const struct registry *registry)
{
    return registry->org_count;
}

/* The order of strcmp(), for a slice that may hold any byte. */
static int compare_with_slug(struct slice slug, const char *other)
{
    size_t len = strlen(other);
    size_t shorter = slug.len < len ? slug.len : len;
    int order = shorter > 0 ? memcmp(slug.data, other, shorter) : 0;
    return order != 0 ? order : (slug.len > len) - (slug.len < len);
}

const struct org *registry_find(const struct registry *registry, struct slice slug)
{
    size_t low = 0, high = registry->org_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_with_slug(slug, registry->orgs[middle].slug);
        if (order == 0)
            return &registry->orgs[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

uint64_t org_permissions(const struct org *org, const char *const *roles, size_t count)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < org->role_count; k++)
            if (strcmp(roles[i], org->roles[k].name) == 0)
                bits |= org->roles[k].permissions;
    return bits;
}

/* A calendar from the JSON of a statement: shapes are checked here, then calendar_build() copies.
 *
 * The lists read on the way borrow their texts from the document and live in a scratch arena. Not for what a
 * client sends: that is checked against the contract, with every fault told at once. */
#include "base/log.h"
#include "domain/calendar.h"

#define SCRATCH_SIZE 8192

static bool misshapen(const char *where, const char *what)
{
    log_error("calendar.misshapen", log_text("where", where), log_text("what", what));
    return false;
}

/* A member that is missing reads as null. */
static bool is_absent(const json_t *member)
{
    return !member || json_is_null(member);
}

/* The position of `name` among `names`, or `count`. */
static size_t find_name(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && (!name || strcmp(names[i], name) != 0))
        i++;
    return i;
}

static bool parse_date(const json_t *member, struct date *ret)
{
    return json_is_string(member) && date_parse(slice_of(json_string_value(member)), ret);
}

static bool parse_bound(const json_t *member, struct date unbounded, struct date *ret)
{
    if (!is_absent(member))
        return parse_date(member, ret);
    *ret = unbounded;
    return true;
}

static bool parse_text(const json_t *member, const char **ret)
{
    if (is_absent(member))
        return true;
    *ret = json_string_value(member);
    return *ret != NULL;
}

static bool parse_bool(const json_t *member, bool if_absent, bool *ret)
{
    *ret = is_absent(member) ? if_absent : json_is_true(member);
    return is_absent(member) || json_is_boolean(member);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "HH:MM" */
static bool parse_time(const json_t *member, int *ret_minute)
{
    if (is_absent(member))
        return true;
    const char *text = json_string_value(member);
    if (!text || strlen(text) != 5 || text[2] != ':')
        return false;
    if (!is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[3]) || !is_digit(text[4]))
        return false;
    int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
    if (hour > 23 || minute > 59)
        return false;
    *ret_minute = hour * 60 + minute;
    return true;
}

static bool parse_weekdays(const json_t *names, unsigned *ret)
{
    unsigned days = 0;
    size_t i;
    json_t *name;
    json_array_foreach ((json_t *)names, i, name) {
        size_t weekday = find_name(weekday_names, WEEKDAYS, json_string_value(name));
        if (weekday == WEEKDAYS)
            return false;
        days |= WEEKDAY_BIT(weekday);
    }
    *ret = days;
    return json_is_array(names);
}

static bool parse_week(const json_t *item, struct calendar_week *ret)
{
    if (!parse_bound(json_object_get(item, "valid_from"), CALENDAR_BEGINNING, &ret->valid_from))
        return misshapen("weeks", "valid_from");
    if (!parse_bound(json_object_get(item, "valid_to"), CALENDAR_FOREVER, &ret->valid_to))
        return misshapen("weeks", "valid_to");
    return parse_weekdays(json_object_get(item, "working_days"), &ret->working_days) ||
           misshapen("weeks", "working_days");
}

static bool parse_counties(struct arena *scratch, const json_t *codes, struct calendar_entry *entry)
{
    if (is_absent(codes))
        return true;
    if (!json_is_array(codes))
        return false;
    const char **counties = arena_alloc_array(scratch, json_array_size(codes), sizeof *counties);
    size_t i;
    json_t *code;
    json_array_foreach ((json_t *)codes, i, code) {
        counties[i] = json_string_value(code);
        if (!counties[i])
            return false;
    }
    entry->counties = counties;
    entry->county_count = json_array_size(codes);
    return true;
}

static bool parse_entry(struct arena *scratch, const json_t *item, struct calendar_entry *ret)
{
    size_t kind =
        find_name(calendar_kind_names, CALENDAR_KINDS, json_string_value(json_object_get(item, "kind")));
    if (kind == CALENDAR_KINDS)
        return misshapen("days", "kind");
    ret->kind = (enum calendar_kind)kind;

    if (!parse_date(json_object_get(item, "date"), &ret->date))
        return misshapen("days", "date");
    if (!parse_text(json_object_get(item, "title"), &ret->title))
        return misshapen("days", "title");
    if (!parse_text(json_object_get(item, "source"), &ret->source))
        return misshapen("days", "source");
    if (!parse_time(json_object_get(item, "from_time"), &ret->from_minute))
        return misshapen("days", "from_time");
    if (!parse_bool(json_object_get(item, "counts"), false, &ret->counts))
        return misshapen("days", "counts");
    if (!parse_bool(json_object_get(item, "is_certain"), true, &ret->is_certain))
        return misshapen("days", "is_certain");
    return parse_counties(scratch, json_object_get(item, "counties"), ret) || misshapen("days", "counties");
}

static const struct calendar *parse_lists(struct arena *arena, struct arena *scratch, const json_t *weeks,
                                          const json_t *days)
{
    size_t i, week_count = json_array_size(weeks), entry_count = json_array_size(days);
    struct calendar_week *week_list = arena_alloc_array(scratch, week_count, sizeof *week_list);
    struct calendar_entry *entry_list = arena_alloc_array(scratch, entry_count, sizeof *entry_list);
    json_t *item;

    json_array_foreach ((json_t *)weeks, i, item)
        if (!parse_week(item, &week_list[i]))
            return NULL;
    json_array_foreach ((json_t *)days, i, item)
        if (!parse_entry(scratch, item, &entry_list[i]))
            return NULL;

    const struct calendar *calendar = calendar_build(arena, week_list, week_count, entry_list, entry_count);
    if (!calendar)
        misshapen("weeks", "overlapping or empty validity");
    return calendar;
}

const struct calendar *calendar_parse(struct arena *arena, const json_t *document)
{
    const json_t *weeks = json_object_get(document, "weeks"), *days = json_object_get(document, "days");
    if (!json_is_array(weeks) || !json_is_array(days)) {
        misshapen("document", "weeks or days is not a list");
        return NULL;
    }
    CLEANUP(arena_done) struct arena scratch;
    arena_init(&scratch, SCRATCH_SIZE);
    return parse_lists(arena, &scratch, weeks, days);
}

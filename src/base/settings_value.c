/* Numbers as operators write them: 4096, 64K, 1500ms, on. Knows no setting by name; limits are the table's.
 *
 * A bare number is no duration (seconds or milliseconds? the reader of the file should not have to know),
 * except 0, which is the same in every unit. */
#include "settings_value.h"

struct unit {
    const char *suffix;
    int64_t factor;
};

static const struct unit int_units[] = {{"", 1}, {NULL, 0}};
static const struct unit bytes_units[] = {{"", 1}, {"K", 1024}, {"M", 1024 * 1024}, {NULL, 0}};
static const struct unit duration_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {NULL, 0}};

static const struct {
    const char *name;
    const struct unit *units;
    const char *fault;
} types[] = {
    [SETTING_IS_INT] = {"int", int_units, "is not a whole number"},
    [SETTING_IS_BYTES] = {"bytes", bytes_units, "is not a number of bytes (suffix K or M)"},
    [SETTING_IS_DURATION] = {"duration", duration_units, "is not a duration (a number and ms, s, m or h)"},
    [SETTING_IS_BOOL] = {"bool", NULL, "is neither on nor off"},
    [SETTING_IS_TEXT] = {"text", NULL, NULL},
};

const char *setting_type_name(enum setting_type type)
{
    return types[type].name;
}

/* Eats the digits at the front; false if there are none or too many. */
static bool take_number(struct slice *text, int64_t *ret)
{
    int64_t n = 0;
    size_t at = 0;
    for (; at < text->len && text->data[at] >= '0' && text->data[at] <= '9'; at++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, text->data[at] - '0', &n))
            return false;
    *text = (struct slice){text->data + at, text->len - at};
    *ret = n;
    return at > 0;
}

static bool read_with_unit(const struct unit *units, struct slice text, int64_t *ret)
{
    int64_t n = 0;
    if (!take_number(&text, &n))
        return false;
    if (n == 0 && text.len == 0) {
        *ret = 0;
        return true;
    }
    for (; units->suffix; units++)
        if (slice_is(text, units->suffix))
            return !__builtin_mul_overflow(n, units->factor, ret);
    return false;
}

static bool read_bool(struct slice text, int64_t *ret)
{
    bool is_on = slice_is(text, "on");
    if (!is_on && !slice_is(text, "off"))
        return false;
    *ret = is_on;
    return true;
}

const char *setting_read_number(enum setting_type type, struct slice text, int64_t *ret)
{
    int64_t n = 0;
    bool is_read =
        type == SETTING_IS_BOOL ? read_bool(text, &n) : read_with_unit(types[type].units, text, &n);
    if (!is_read)
        return types[type].fault;
    *ret = n;
    return NULL;
}

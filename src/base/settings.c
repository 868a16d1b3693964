/* The table of settings and its three sources: defaults, a file, the environment, the later over the
 * earlier. Every value goes through the same reader and the same limits, defaults included.
 *
 * Not for what a setting means: an address or a log level is checked by the module that uses it. */
#include "base/settings.h"

#include "settings_value.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define ENVIRONMENT_PREFIX "MOSHAREKAT_"
#define PREFIX_LEN         (sizeof ENVIRONMENT_PREFIX - 1)
#define LIMITS_MAX_LEN     64

struct setting {
    const char *name;
    enum setting_type type;
    size_t offset;
    const char *fallback, *least, *most, *help;
};

static const struct setting table[] = {
#define ROW(name, type, member, ...) {#name, type, offsetof(struct settings, member), __VA_ARGS__},
#define SETTING_INT(name, fallback, least, most, help)                                                       \
    ROW(name, SETTING_IS_INT, name, fallback, #least, #most, help)
#define SETTING_BYTES(name, fallback, least, most, help)                                                     \
    ROW(name, SETTING_IS_BYTES, name, fallback, least, most, help)
#define SETTING_DURATION(name, fallback, least, most, help)                                                  \
    ROW(name, SETTING_IS_DURATION, name##_ms, fallback, least, most, help)
#define SETTING_BOOL(name, fallback, help) ROW(name, SETTING_IS_BOOL, name, fallback, NULL, NULL, help)
#define SETTING_TEXT(name, fallback, help) ROW(name, SETTING_IS_TEXT, name, fallback, NULL, NULL, help)
#include "base/settings.def"
};

struct loading {
    struct settings *settings;
    FILE *errors;
    bool failed;
    bool seen[ARRAY_LEN(table)]; /* in the file */
};

/* Where a value stands, for the message: "etc/mosharekat.ini:12", "environment", "default". */
struct place {
    const char *source;
    int line; /* 0: no lines */
};

static void complain(struct loading *loading, struct place place, struct slice name, const char *fault)
{
    loading->failed = true;
    if (place.line > 0)
        fprintf(loading->errors, "%s:%d: ", place.source, place.line);
    else
        fprintf(loading->errors, "%s: ", place.source);
    fprintf(loading->errors, "%.*s%s%s\n", (int)name.len, name.data ? name.data : "", name.len ? " " : "",
            fault);
}

static const struct setting *find(struct slice name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (slice_is(name, table[i].name))
            return &table[i];
    return NULL;
}

/* --- one value --------------------------------------------------------------------------------------- */

static const char *store_text(char *member, struct slice text)
{
    if (text.len >= SETTING_TEXT_MAX)
        return "is too long";
    if (text.len > 0)
        memcpy(member, text.data, text.len);
    member[text.len] = '\0';
    return NULL;
}

static bool is_within(const struct setting *setting, int64_t n)
{
    int64_t least = 0, most = 0;
    if (setting_read_number(setting->type, slice_of(setting->least), &least) ||
        setting_read_number(setting->type, slice_of(setting->most), &most))
        return false; /* the table itself is wrong: then no value fits, and the default's test fails */
    return n >= least && n <= most;
}

static void assign(struct loading *loading, const struct setting *setting, struct slice text,
                   struct place place)
{
    char *member = (char *)loading->settings + setting->offset;
    struct slice name = slice_of(setting->name);
    int64_t n = 0;
    const char *fault = setting->type == SETTING_IS_TEXT ? store_text(member, text)
                                                         : setting_read_number(setting->type, text, &n);
    if (fault) {
        complain(loading, place, name, fault);
        return;
    }
    if (setting->type == SETTING_IS_TEXT)
        return;
    if (setting->type == SETTING_IS_BOOL) {
        *(bool *)member = n != 0;
        return;
    }
    if (!is_within(setting, n)) {
        char limits[LIMITS_MAX_LEN];
        snprintf(limits, sizeof limits, "is not within %s and %s", setting->least, setting->most);
        complain(loading, place, name, limits);
        return;
    }
    *(int64_t *)(void *)member = n;
}

/* --- the file ---------------------------------------------------------------------------------------- */

static struct slice trim(struct slice s)
{
    while (s.len > 0 && isspace((unsigned char)s.data[0]))
        s = (struct slice){s.data + 1, s.len - 1};
    while (s.len > 0 && isspace((unsigned char)s.data[s.len - 1]))
        s.len--;
    return s;
}

static void load_line(struct loading *loading, struct slice line, struct place place)
{
    line = trim(line);
    if (line.len == 0 || line.data[0] == '#' || line.data[0] == ';' || slice_is(line, "[mosharekat]"))
        return;
    const char *equals = memchr(line.data, '=', line.len);
    if (!equals || memchr(line.data, '\0', line.len)) {
        complain(loading, place, (struct slice){0}, "is not `name = value`, a comment or [mosharekat]");
        return;
    }
    size_t before = (size_t)(equals - line.data);
    struct slice name = trim((struct slice){line.data, before});
    const struct setting *setting = find(name);
    if (!setting) {
        complain(loading, place, name, "is not a setting");
        return;
    }
    bool *seen = &loading->seen[setting - table];
    if (*seen)
        complain(loading, place, name, "stands twice in this file");
    *seen = true;
    assign(loading, setting, trim((struct slice){equals + 1, line.len - before - 1}), place);
}

static void load_file(struct loading *loading, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        complain(loading, (struct place){path, 0}, (struct slice){0}, "cannot be read");
        return;
    }
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    for (int number = 1; (len = getline(&line, &cap, file)) >= 0; number++)
        load_line(loading, (struct slice){line, (size_t)len}, (struct place){path, number});
    free(line);
    if (ferror(file))
        complain(loading, (struct place){path, 0}, (struct slice){0}, "cannot be read");
    fclose(file);
}

/* --- the environment --------------------------------------------------------------------------------- */

/* Whether `upper` is the setting's name in capitals. */
static bool is_variable_of(const struct setting *setting, struct slice upper)
{
    if (strlen(setting->name) != upper.len)
        return false;
    for (size_t i = 0; i < upper.len; i++)
        if (toupper((unsigned char)setting->name[i]) != upper.data[i])
            return false;
    return true;
}

/* MOSHAREKAT_BODY_MAX=64K is `body_max = 64K`. */
static void load_variable(struct loading *loading, const char *variable)
{
    const struct place place = {"environment", 0};
    size_t len = strcspn(variable, "=");
    struct slice upper = {variable + PREFIX_LEN, len - PREFIX_LEN};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (variable[len] != '=' || !is_variable_of(&table[i], upper))
            continue;
        assign(loading, &table[i], slice_of(variable + len + 1), place);
        return;
    }
    complain(loading, place, (struct slice){variable, len}, "is not a setting");
}

static void load_environment(struct loading *loading, char **environment)
{
    for (; environment && *environment; environment++)
        if (strncmp(*environment, ENVIRONMENT_PREFIX, PREFIX_LEN) == 0)
            load_variable(loading, *environment);
}

bool settings_load(struct settings *settings, const char *ini_path, char **environment, FILE *errors)
{
    memset(settings, 0, sizeof *settings);
    struct loading loading = {.settings = settings, .errors = errors};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assign(&loading, &table[i], slice_of(table[i].fallback), (struct place){"default", 0});
    if (ini_path)
        load_file(&loading, ini_path);
    load_environment(&loading, environment);
    return !loading.failed;
}

void settings_print_help(FILE *out)
{
    fprintf(out, "%-24s %-9s %-16s %-16s %s\n", "setting", "type", "default", "limits", "");
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct setting *row = &table[i];
        char limits[LIMITS_MAX_LEN] = "";
        if (row->least)
            snprintf(limits, sizeof limits, "%s..%s", row->least, row->most);
        fprintf(out, "%-24s %-9s %-16s %-16s %s\n", row->name, setting_type_name(row->type), row->fallback,
                limits, row->help);
    }
}

/* Settings: one table (src/base/settings.def), filled from an INI file and then from MOSHAREKAT_* in the
 * environment, constant afterwards. A setting `body_max` is MOSHAREKAT_BODY_MAX and `body_max = 64K`.
 *
 * Types: int, bytes (suffix K, M), duration in ms (suffix ms, s, m, h), bool (on/off), text. */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include "base/macros.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SETTING_TEXT_MAX 512

struct settings {
#define SETTING_INT(name, fallback, least, most, help)      int64_t name;
#define SETTING_BYTES(name, fallback, least, most, help)    int64_t name;
#define SETTING_DURATION(name, fallback, least, most, help) int64_t name##_ms;
#define SETTING_BOOL(name, fallback, help)                  bool name;
#define SETTING_TEXT(name, fallback, help)                  char name[SETTING_TEXT_MAX];
#include "base/settings.def"
#undef SETTING_INT
#undef SETTING_BYTES
#undef SETTING_DURATION
#undef SETTING_BOOL
#undef SETTING_TEXT
};

/* Reads defaults, then `ini_path` (may be NULL), then the environment. Every fault is printed to `errors`,
 * one line each, naming the setting; false if there was any. */
MUST_USE bool settings_load(struct settings *settings, const char *ini_path, char **environment,
                            FILE *errors);
/* The table, for `serve --help`: name, type, default, limits, help. */
void settings_print_help(FILE *out);

#endif

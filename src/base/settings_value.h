/* The types of settings: how a value is written, read and shown. */
#ifndef BASE_SETTINGS_VALUE_H
#define BASE_SETTINGS_VALUE_H

#include "base/macros.h"
#include "base/slice.h"

#include <stdint.h>

enum setting_type { SETTING_IS_INT, SETTING_IS_BYTES, SETTING_IS_DURATION, SETTING_IS_BOOL, SETTING_IS_TEXT };

/* NULL, or what is wrong with `text`, to follow a setting's name: "is not a whole number". A bool is 0 or 1,
 * a duration is milliseconds. Not for SETTING_IS_TEXT. */
MUST_USE const char *setting_read_number(enum setting_type type, struct slice text, int64_t *ret);
const char *setting_type_name(enum setting_type type);

#endif

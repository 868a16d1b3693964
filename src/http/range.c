/* Which bytes a client wants. What is malformed is no request for a part, so that all is sent, as the RFC has it. Not
 * for If-Range, nor for what becomes of the answer. */
#include "range.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define UNIT       "bytes="
#define DIGITS_MAX 18

/* Cuts a number off; *ret_digits is 0 where there is none. False: more than anybody's file has. */
static bool read_number(struct slice *text, uint64_t *ret, size_t *ret_digits)
{
    uint64_t number = 0;
    size_t digits = 0;
    while (digits < text->len && text->data[digits] >= '0' && text->data[digits] <= '9') {
        if (digits == DIGITS_MAX)
            return false;
        number = number * 10 + (uint64_t)(text->data[digits++] - '0');
    }
    *text = (struct slice){text->data + digits, text->len - digits};
    *ret = number;
    *ret_digits = digits;
    return true;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The last `wanted` bytes. */
static enum range_verdict read_suffix(uint64_t wanted, uint64_t size, struct range *ret)
{
    uint64_t len = least(wanted, size);
    if (len == 0)
        return RANGE_UNSATISFIABLE;
    *ret = (struct range){size - len, len};
    return RANGE_PART;
}

enum range_verdict range_read(struct slice header, uint64_t size, struct range *ret)
{
    uint64_t first, last;
    size_t first_digits, last_digits;
    const size_t unit = strlen(UNIT);
    if (header.len <= unit || strncasecmp(header.data, UNIT, unit) != 0)
        return RANGE_NONE;
    struct slice rest = {header.data + unit, header.len - unit};
    if (!read_number(&rest, &first, &first_digits) || rest.len == 0 || *rest.data != '-')
        return RANGE_NONE;
    rest = (struct slice){rest.data + 1, rest.len - 1};
    if (!read_number(&rest, &last, &last_digits) || rest.len > 0 || first_digits + last_digits == 0)
        return RANGE_NONE;
    if (first_digits == 0)
        return read_suffix(last, size, ret);
    if (last_digits > 0 && last < first)
        return RANGE_NONE;
    if (first >= size)
        return RANGE_UNSATISFIABLE;
    uint64_t end = last_digits > 0 ? least(last + 1, size) : size;
    *ret = (struct range){first, end - first};
    return RANGE_PART;
}

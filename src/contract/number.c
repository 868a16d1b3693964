/* Numbers in text, for YAML scalars and for parameters. */
#include "number.h"

#include <errno.h>
#include <stdlib.h>

#define NUMBER_LEN_MAX 63

static size_t digits_at(const char *s)
{
    return strspn(s, "0123456789");
}

/* Steps over "-?digits"; false without digits, or with a zero in front of others. */
static bool skip_whole(const char **at)
{
    const char *s = *at + (**at == '-');
    size_t digits = digits_at(s);

    *at = s + digits;
    return digits == 1 || (digits > 1 && *s != '0');
}

/* Steps over a fraction and an exponent, where they are; false when one of them has no digits. */
static bool skip_rest(const char **at)
{
    const char *s = *at;

    if (*s == '.') {
        size_t digits = digits_at(++s);
        if (digits == 0)
            return false;
        s += digits;
    }
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '+' || *s == '-';
        size_t digits = digits_at(s);
        if (digits == 0)
            return false;
        s += digits;
    }
    *at = s;
    return true;
}

json_t *number_parse(struct slice text)
{
    char copy[NUMBER_LEN_MAX + 1];
    const char *at = copy;

    if (text.len == 0 || text.len > NUMBER_LEN_MAX || memchr(text.data, '\0', text.len))
        return NULL;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';

    if (!skip_whole(&at))
        return NULL;
    errno = 0;
    if (*at == '\0') {
        long long number = strtoll(copy, NULL, 10);
        return errno ? NULL : json_integer(number);
    }
    if (!skip_rest(&at) || *at != '\0')
        return NULL;
    return json_real(strtod(copy, NULL)); /* NULL when infinite */
}

/* The formats: one table of names and functions. A format says what a text looks like, not whether it is
 * somebody's: a tracking code's check digit and a number's owner are judged where they are used. */
#include "schema_internal.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"

#define EMAIL_MAX         254
#define EMAIL_LOCAL_MAX   64
#define HOST_MAX          253
#define HOST_LABEL_MAX    63
#define URI_MAX           2048
#define SLUG_MAX          64
#define NATIONAL_ID_LEN   10
#define TRACKING_CODE_LEN 20

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool is_in(const char *set, char c)
{
    return c != '\0' && strchr(set, c);
}

static bool accepts_uuid(struct slice text, struct arena *scratch)
{
    struct uuid ignored;

    (void)scratch;
    return uuid_parse_text(text, &ignored);
}

static bool accepts_date(struct slice text, struct arena *scratch)
{
    struct date ignored;

    (void)scratch;
    return date_parse(text, &ignored);
}

static bool accepts_date_time(struct slice text, struct arena *scratch)
{
    int64_t ignored;

    (void)scratch;
    return clock_parse(text, &ignored);
}

/* Labels of letters, digits and inner hyphens, at least `least` of them. */
static bool is_host(struct slice host, size_t least)
{
    size_t labels = 0, start = 0;

    if (host.len == 0 || host.len > HOST_MAX)
        return false;
    for (size_t i = 0; i <= host.len; i++) {
        if (i < host.len && host.data[i] != '.') {
            if (!is_alnum(host.data[i]) && host.data[i] != '-')
                return false;
            continue;
        }
        if (i == start || i - start > HOST_LABEL_MAX || host.data[start] == '-' || host.data[i - 1] == '-')
            return false;
        labels++;
        start = i + 1;
    }
    return labels >= least;
}

static bool is_email_local(struct slice local)
{
    if (local.len == 0 || local.len > EMAIL_LOCAL_MAX || local.data[0] == '.' ||
        local.data[local.len - 1] == '.')
        return false;
    for (size_t i = 0; i < local.len; i++)
        if (!is_alnum(local.data[i]) && !is_in("!#$%&'*+-/=?^_`{|}~.", local.data[i]))
            return false;
    return true;
}

static bool accepts_email(struct slice text, struct arena *scratch)
{
    const char *at = text.len <= EMAIL_MAX ? memchr(text.data, '@', text.len) : NULL;

    (void)scratch;
    if (!at)
        return false;
    struct slice local = {text.data, (size_t)(at - text.data)};
    struct slice domain = {at + 1, text.len - local.len - 1};
    return is_email_local(local) && is_host(domain, 2) && !is_digit(domain.data[domain.len - 1]);
}

static bool is_port(struct slice port)
{
    if (port.len == 0 || port.len > 5)
        return false;
    for (size_t i = 0; i < port.len; i++)
        if (!is_digit(port.data[i]))
            return false;
    return true;
}

/* host or host:port; no user, no password. */
static bool is_authority(struct slice authority)
{
    const char *colon = memchr(authority.data, ':', authority.len);

    if (!colon)
        return is_host(authority, 1);
    size_t host_len = (size_t)(colon - authority.data);
    return is_host((struct slice){authority.data, host_len}, 1) &&
           is_port((struct slice){colon + 1, authority.len - host_len - 1});
}

/* Where the host begins; 0 when the scheme is another one. */
static size_t after_scheme(struct slice text)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        size_t len = strlen(schemes[i]);
        if (text.len > len && memcmp(text.data, schemes[i], len) == 0)
            return len;
    }
    return 0;
}

static bool accepts_uri(struct slice text, struct arena *scratch)
{
    size_t start = after_scheme(text), end = start;

    (void)scratch;
    if (start == 0 || text.len > URI_MAX)
        return false;
    for (size_t i = start; i < text.len; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~' || is_in("<>\"{}|\\^`", text.data[i]))
            return false;
    while (end < text.len && !is_in("/?#", text.data[end]))
        end++;
    return is_authority((struct slice){text.data + start, end - start});
}

/* The value of the digit at `*at`, Latin, Persian (U+06F0) or Arabic (U+0660), which it steps over; else -1.
 */
static int next_digit(struct slice text, size_t *at)
{
    const unsigned char *s = (const unsigned char *)text.data + *at;
    size_t left = text.len - *at;

    if (left >= 1 && is_digit((char)s[0])) {
        *at += 1;
        return s[0] - '0';
    }
    int first = left < 2 ? -1 : s[0] == 0xDB ? 0xB0 : s[0] == 0xD9 ? 0xA0 : -1;
    if (first < 0 || s[1] < first || s[1] > first + 9)
        return -1;
    *at += 2;
    return s[1] - first;
}

/* True if exactly `count` digits stand from `at` to the end. */
static bool read_digits(struct slice text, size_t at, size_t count, int *ret_digits)
{
    for (size_t i = 0; i < count; i++) {
        ret_digits[i] = next_digit(text, &at);
        if (ret_digits[i] < 0)
            return false;
    }
    return at == text.len;
}

/* 09xxxxxxxxx or +989xxxxxxxxx. */
static bool accepts_iran_mobile(struct slice text, struct arena *scratch)
{
    int digits[12];

    (void)scratch;
    if (text.len > 0 && text.data[0] == '+')
        return read_digits(text, 1, 12, digits) && digits[0] == 9 && digits[1] == 8 && digits[2] == 9;
    return read_digits(text, 0, 11, digits) && digits[0] == 0 && digits[1] == 9;
}

/* The tenth digit checks the nine before it; ten equal digits pass that check and are given to nobody. */
static bool accepts_iran_national_id(struct slice text, struct arena *scratch)
{
    int digits[NATIONAL_ID_LEN], sum = 0;
    bool is_uniform = true;

    (void)scratch;
    if (!read_digits(text, 0, NATIONAL_ID_LEN, digits))
        return false;
    for (int i = 0; i < NATIONAL_ID_LEN - 1; i++) {
        sum += digits[i] * (NATIONAL_ID_LEN - i);
        is_uniform = is_uniform && digits[i] == digits[i + 1];
    }
    int rest = sum % 11, check = digits[NATIONAL_ID_LEN - 1];
    return !is_uniform && check == (rest < 2 ? rest : 11 - rest);
}

/* As a person keys it in: any digits, blanks and dashes between them. */
static bool accepts_tracking_code(struct slice text, struct arena *scratch)
{
    int digits[TRACKING_CODE_LEN];

    return read_digits(text_code(scratch, text), 0, TRACKING_CODE_LEN, digits);
}

static bool accepts_slug(struct slice text, struct arena *scratch)
{
    bool is_after_word = false;

    (void)scratch;
    if (text.len > SLUG_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_word = is_lower(text.data[i]) || is_digit(text.data[i]);
        if (!is_word && (text.data[i] != '-' || !is_after_word))
            return false;
        is_after_word = is_word;
    }
    return is_after_word;
}

static const struct format formats[] = {
    {"date", accepts_date},
    {"date-time", accepts_date_time},
    {"email", accepts_email},
    {"iran-mobile", accepts_iran_mobile},
    {"iran-national-id", accepts_iran_national_id},
    {"slug", accepts_slug},
    {"tracking-code", accepts_tracking_code},
    {"uri", accepts_uri},
    {"uuid", accepts_uuid},
};

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

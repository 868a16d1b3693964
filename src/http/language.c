/* Accept-Language: the better of the two languages that we have. Only the primary subtag counts (en-GB is
 * English); a header that makes no sense is no wish. */
#include "language.h"

#include <strings.h>

#define UNSAID (-1)

struct wish {
    int quality;    /* thousandths, or UNSAID */
    unsigned place; /* in the header: of two equal wishes the first counts */
};

const char *language_tag(enum language language)
{
    return language == LANGUAGE_FA ? "fa" : "en";
}

static struct slice trim(struct slice s)
{
    while (s.len > 0 && (*s.data == ' ' || *s.data == '\t'))
        s = (struct slice){s.data + 1, s.len - 1};
    while (s.len > 0 && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* Cuts off and returns what stands before `separator`. */
static struct slice take_until(struct slice *rest, char separator)
{
    const char *at = memchr(rest->data, separator, rest->len);
    struct slice part = {rest->data, at ? (size_t)(at - rest->data) : rest->len};
    size_t step = part.len + (at ? 1 : 0);
    *rest = (struct slice){rest->data + step, rest->len - step};
    return trim(part);
}

/* "q=0.85" as 850; 1000 where nothing is said, UNSAID where it makes no sense. */
static int parse_quality(struct slice parameter)
{
    if (parameter.len == 0)
        return 1000;
    if (parameter.len < 3 || parameter.len > 7 || strncasecmp(parameter.data, "q=", 2) != 0)
        return UNSAID;
    if (parameter.data[2] != '0' && parameter.data[2] != '1')
        return UNSAID;
    int quality = (parameter.data[2] - '0') * 1000, unit = 100;
    for (size_t i = 3; i < parameter.len; i++) {
        char c = parameter.data[i];
        if (i == 3 ? c != '.' : (c < '0' || c > '9'))
            return UNSAID;
        if (i > 3) {
            quality += (c - '0') * unit;
            unit /= 10;
        }
    }
    return quality <= 1000 ? quality : UNSAID;
}

static bool is_range(struct slice range, const char *primary)
{
    size_t len = strlen(primary);
    return range.len >= len && strncasecmp(range.data, primary, len) == 0 &&
           (range.len == len || range.data[len] == '-');
}

enum language language_choose(struct slice accept)
{
    static const char *const ranges[] = {"fa", "en", "*"};
    struct wish wishes[3] = {{UNSAID, 0}, {UNSAID, 0}, {UNSAID, 0}};

    for (unsigned place = 1; accept.len > 0; place++) {
        struct slice item = take_until(&accept, ',');
        struct slice range = take_until(&item, ';');
        int quality = parse_quality(trim(item));
        for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
            if (is_range(range, ranges[i]) && quality > wishes[i].quality)
                wishes[i] = (struct wish){quality, place};
    }
    struct wish fa = wishes[0].quality == UNSAID ? wishes[2] : wishes[0];
    struct wish en = wishes[1].quality == UNSAID ? wishes[2] : wishes[1];
    bool is_english =
        en.quality > 0 && (en.quality > fa.quality || (en.quality == fa.quality && en.place < fa.place));
    return is_english ? LANGUAGE_EN : LANGUAGE_FA;
}

/* The arithmetic of a judging committee. Who is a member, present or recused is decided by the statements
 * that ask; here are numbers alone. */
#include "domain/committee.h"

static int64_t gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int committee_quorum_needed(struct committee_quorum rule, int entitled)
{
    int share = (entitled * rule.numerator + rule.denominator - 1) / rule.denominator;
    return share > rule.members ? share : rule.members;
}

/* The least number that every scale divides: at most lcm(1..20) = 232 792 560. */
static int64_t common_scale(const struct committee_criterion *criteria, size_t count)
{
    int64_t scale = 1;
    for (size_t i = 0; i < count; i++)
        scale = scale / gcd(scale, criteria[i].max_points) * criteria[i].max_points;
    return scale;
}

struct committee_fraction committee_score(const struct committee_criterion *criteria, const int *points,
                                          size_t count)
{
    int64_t scale = common_scale(criteria, count), sum = 0, weights = 0;
    for (size_t i = 0; i < count; i++) {
        sum += criteria[i].weight * (scale / criteria[i].max_points) * points[i];
        weights += criteria[i].weight;
    }
    return (struct committee_fraction){sum, weights * scale};
}

struct committee_fraction committee_mean(const struct committee_fraction *scores, size_t count)
{
    struct committee_fraction mean = {0, 0};
    for (size_t i = 0; i < count; i++) {
        mean.numerator += scores[i].numerator;
        mean.denominator += scores[i].denominator;
    }
    int64_t shared = gcd(mean.numerator, mean.denominator);
    return count == 0 ? mean
                      : (struct committee_fraction){mean.numerator / shared, mean.denominator / shared};
}

int committee_rounded(struct committee_fraction mean)
{
    if (mean.denominator == 0)
        return -1;
    return (int)((2 * COMMITTEE_SCORE_FULL * mean.numerator + mean.denominator) / (2 * mean.denominator));
}

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* By continued fractions, so that nothing is multiplied: whole parts first, then the rests upside down, where
 * the greater is the one that was less. */
int committee_compare(struct committee_fraction a, struct committee_fraction b)
{
    if (a.denominator == 0 || b.denominator == 0)
        return order(a.denominator != 0, b.denominator != 0);
    for (;;) {
        int64_t a_rest = a.numerator % a.denominator, b_rest = b.numerator % b.denominator;
        int whole = order(a.numerator / a.denominator, b.numerator / b.denominator);
        if (whole != 0)
            return whole;
        if (a_rest == 0 || b_rest == 0)
            return order(a_rest, b_rest);
        struct committee_fraction upside_down = {b.denominator, b_rest};
        b = (struct committee_fraction){a.denominator, a_rest};
        a = upside_down;
    }
}

/* What a judging committee's numbers mean: quorum, scores by weighted criteria, the mean over its members,
 * and a sum split by shares. Integers and fractions alone: two suggestions with the same scores have the same
 * result, whatever the order in which the members gave them.
 *
 * Bounds (the contract keeps them): COMMITTEE_CRITERIA_MAX criteria, weights up to 100, points up to
 * COMMITTEE_POINTS_MAX, COMMITTEE_MEMBERS_MAX members. Within them nothing overflows. */
#ifndef DOMAIN_COMMITTEE_H
#define DOMAIN_COMMITTEE_H

#include "base/macros.h"

#include <stddef.h>
#include <stdint.h>

#define COMMITTEE_CRITERIA_MAX 12
#define COMMITTEE_POINTS_MAX   20 /* the scale of Iranian schools */
#define COMMITTEE_MEMBERS_MAX  100
#define COMMITTEE_SCORE_FULL   10000

struct committee_criterion {
    int weight;     /* 0..100; not all 0 */
    int max_points; /* 1..COMMITTEE_POINTS_MAX */
};

/* 0 / 0: no result. */
struct committee_fraction {
    int64_t numerator, denominator;
};

/* Both must hold: at least `members`, and at least numerator/denominator of those entitled to vote. */
struct committee_quorum {
    int members, numerator, denominator;
};

/* How many must be there. A recused member is not counted as present, and is still counted as entitled: else
 * recusals would shrink the committee until one member decides alone. (For the first half see the UK Model
 * Articles, SI 2008/3229 Schedule 1, art. 14(1): who is interested does not count "for quorum or voting
 * purposes". For a rule of two parts see the German VwVfG section 90(1): more than half, at least three.) */
int committee_quorum_needed(struct committee_quorum rule, int entitled);

/* One member's judgement, 0 to 1: each criterion counts by its weight, whatever its scale. All members'
 * fractions by the same criteria have the same denominator. points[i] is 0..criteria[i].max_points. */
struct committee_fraction committee_score(const struct committee_criterion *criteria, const int *points,
                                          size_t count);

/* The mean of `count` fractions of one denominator, in lowest terms; no result if count is 0. Who is recused
 * or abstains is not among them. */
struct committee_fraction committee_mean(const struct committee_fraction *scores, size_t count);

/* 0..COMMITTEE_SCORE_FULL, rounded half up; -1 without a result. For people to read: never compare these. */
int committee_rounded(struct committee_fraction mean);

/* Exact: < 0, 0, > 0. No result is less than any other. */
int committee_compare(struct committee_fraction a, struct committee_fraction b);

#endif

/* Percentages that people agree on, as whole hundredths: sums are exact. */
#ifndef DOMAIN_PERCENT_H
#define DOMAIN_PERCENT_H

#include "base/macros.h"

#include <stdbool.h>

#define PERCENT_WHOLE 10000 /* 100 % */

/* 33.33 -> 3333. False if it is not between 0 and 100, or finer than a hundredth. */
MUST_USE bool percent_hundredths(double percent, int *ret);

#endif

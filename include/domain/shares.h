/* A sum of money split by shares, to the last rial. */
#ifndef DOMAIN_SHARES_H
#define DOMAIN_SHARES_H

#include <stddef.h>
#include <stdint.h>

#define SHARES_MAX        32
#define SHARES_AMOUNT_MAX INT64_C(1000000000000) /* rials */

/* By largest remainder (Hamilton): everybody gets the whole rials of their share, the rials left over go one
 * each to the largest rests, the earlier of equal ones first. The parts add up to `amount`. shares[i] is
 * 0..10000 and they are not all 0; amount is 0..SHARES_AMOUNT_MAX; count is 1..SHARES_MAX. */
void shares_split(int64_t amount, const int *shares, size_t count, int64_t *ret_parts);

#endif

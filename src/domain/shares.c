/* Splits a sum by shares. What the shares are, and who may get them, is not decided here. */
#include "domain/shares.h"

/* The largest rest, the first of equal ones; taken ones are -1. */
static size_t largest(const int64_t *rests, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (rests[i] > rests[best])
            best = i;
    return best;
}

void shares_split(int64_t amount, const int *shares, size_t count, int64_t *ret_parts)
{
    int64_t rests[SHARES_MAX], whole = 0, left = amount;
    for (size_t i = 0; i < count; i++)
        whole += shares[i];
    for (size_t i = 0; i < count; i++) {
        ret_parts[i] = amount * shares[i] / whole;
        rests[i] = amount * shares[i] % whole;
        left -= ret_parts[i];
    }
    for (; left > 0; left--) {
        size_t next = largest(rests, count);
        ret_parts[next]++;
        rests[next] = -1;
    }
}

/* Percentages as whole hundredths. JSON has them as doubles, of which the nearest to 33.33 is not 33.33: what
 * is closer to a hundredth than any third decimal could be, is that hundredth. Not for sums of money. */
#include "domain/percent.h"

#define TOLERANCE 1e-6

bool percent_hundredths(double percent, int *ret)
{
    if (!(percent >= 0 && percent <= 100)) /* nor if it is no number */
        return false;
    int hundredths = (int)(percent * 100 + 0.5);
    double rest = percent * 100 - hundredths;
    if (rest > TOLERANCE || rest < -TOLERANCE)
        return false;
    *ret = hundredths;
    return true;
}

/* What applying a strategy file changed, for people. */
#ifndef STRATEGY_SHOW_H
#define STRATEGY_SHOW_H

#include "db/rows.h"

#include <stdio.h>

/* One line for each row of the statement strategy_apply: "+ promise B2", "~ window bill: 14 days → 1 month".
 */
void strategy_show(const struct rows *rows, bool is_pruning, FILE *out);

#endif

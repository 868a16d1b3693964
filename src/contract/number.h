/* Numbers in text, exactly as JSON writes them: no leading zero or plus, no hexadecimal, no infinity. */
#ifndef CONTRACT_NUMBER_H
#define CONTRACT_NUMBER_H

#include "base/slice.h"

#include <jansson.h>

/* An integer, or a real where there is a fraction or an exponent. New reference; NULL for anything else, and
 * for what does not fit into either. */
json_t *number_parse(struct slice text);

#endif

/* What a plan is made of, for its two readers: plan.c (JSON) and plan_csv.c. */
#ifndef DB_PLAN_COLUMNS_H
#define DB_PLAN_COLUMNS_H

#include "plan.h"

typedef void value_writer(struct buffer *out, const char *value, int len);

enum cell {
    CELL_NONE,  /* of many values: not for CSV */
    CELL_TEXT,  /* as it is */
    CELL_VALUE, /* as in JSON, without its quotes */
};

struct column {
    value_writer *write;
    int number;
    enum cell cell;
    struct slice key; /* `,"name":`, the first one without its comma */
};

struct plan {
    unsigned count;
    char *keys;
    struct column columns[];
};

#endif

/* What struct rows is, for those who make them: a result, and where its plan is kept. */
#ifndef DB_ROWS_OF_H
#define DB_ROWS_OF_H

#include "db/rows.h"
#include "plan.h"

struct rows {
    PGresult *result;
    struct plan **plan; /* made on first use; shared by all results of a statement */
};

#endif

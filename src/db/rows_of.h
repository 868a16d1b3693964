/* What struct rows is, for those who make them: some rows of a result, and where its plan is kept. */
#ifndef DB_ROWS_OF_H
#define DB_ROWS_OF_H

#include "db/rows.h"
#include "plan.h"

struct rows {
    PGresult *result;
    struct plan **plan; /* made on first use; shared by all results of a statement */
    unsigned first, count;
};

static inline struct rows rows_all_of(PGresult *result, struct plan **plan)
{
    return (struct rows){result, plan, 0, (unsigned)PQntuples(result)};
}

#endif

/* How many changes a pass over the figures takes (stats_pass). Changes that are alike fold by the ten thousand in a
 * tenth of a second, changes of which each is of another sort by the thousand in two, and the more there are of
 * these the less each costs: so after a full pass the next one takes twice as many, as long as that ends well
 * within the time that a pass has. The figures' thread has little else to do, and readers add up what waits. */
#include "jobs.h"

#define MOST_LEAST 500
#define MOST_MOST  20000
#define QUICK_MS   6000
#define SLOW_MS    12000

static int most = 1000; /* of one thread alone */

unsigned stats_pass_params(const struct settings *settings, struct param ret[JOB_PARAMS_MAX])
{
    (void)settings;
    ret[0] = as_int(most);
    return 1;
}

enum db_outcome stats_pace(const struct job_context *context, const struct rows *rows, int64_t *done)
{
    (void)context;
    int64_t took_ms = rows_int(rows, 0, rows_column(rows, "took_ms"));
    bool was_full = *done > 0;
    if (took_ms > SLOW_MS && most > MOST_LEAST)
        most = most / 2 < MOST_LEAST ? MOST_LEAST : most / 2;
    else if (was_full && took_ms < QUICK_MS && most < MOST_MOST)
        most = most * 2 > MOST_MOST ? MOST_MOST : most * 2;
    return DB_OK;
}

/* A mistake of ours that only running shows (a parameter of the wrong kind, a column that nobody can write):
 * logged; in the dev preset fatal, so that no test passes over it. */
#ifndef DB_BUG_H
#define DB_BUG_H

#include "base/log.h"

#include <stdlib.h>

static inline void db_bug(const char *what, const char *name)
{
    log_error("db.bug", log_text("what", what), log_text("name", name));
    log_flush();
#ifdef MOSHAREKAT_CHECK_REPLIES
    abort();
#endif
}

#endif

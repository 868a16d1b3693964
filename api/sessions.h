/* What the files about committee sessions share. */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "handlers.h"

/* What the ballots of a session come to, and the versions that they were read at. */
struct session_results {
    int row_version, ballots;
    int quorum_needed;
    struct slice items; /* a JSON array for the statement session_move, in the arena */
};

/* From the rows of session_basis. */
struct session_results session_results_of(struct request *req, const struct rows *rows);

#endif

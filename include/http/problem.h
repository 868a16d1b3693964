/* RFC 9457 problems: the registry of everything a client can be refused with. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "base/slice.h"

enum problem {
#define PROBLEM(code, status, persian, english) PROBLEM_##code,
#include "http/problem.def"
#undef PROBLEM
    PROBLEM_COUNT
};

struct problem_row {
    const char *code;
    unsigned status;
    const char *persian, *english;
};
extern const struct problem_row problem_rows[PROBLEM_COUNT];

/* PROBLEM_COUNT when the code is unknown. */
enum problem problem_find(struct slice code);

#endif

/* Problem documents (RFC 9457) as JSON text. */
#ifndef PROBLEM_DOCUMENT_H
#define PROBLEM_DOCUMENT_H

#include "base/buffer.h"
#include "http/problem.h"
#include "http/request.h"

struct problem_facts {
    enum problem problem;
    enum language language;
    const char *detail;    /* NULL: none */
    struct slice instance; /* the path; left out when it is not UTF-8 */
    const char *request_id;
    struct slice extension;      /* further JSON members without braces, or empty */
    const struct faults *faults; /* NULL: none */
};

void problem_write(struct buffer *out, const struct problem_facts *facts);

#endif

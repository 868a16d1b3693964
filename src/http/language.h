/* In which language a problem is told. */
#ifndef LANGUAGE_H
#define LANGUAGE_H

#include "http/request.h"

/* By Accept-Language (RFC 9110 section 12.5.4); Persian unless English is wanted more. */
enum language language_choose(struct slice accept);
const char *language_tag(enum language language);

#endif

/* That every operation of the contract has a test. */
#ifndef CHECK_TESTS_H
#define CHECK_TESTS_H

#include "cli.h"

/* How many operations no file of the folder (option --tests, else tests/api if it is there) mentions; each is
 * printed. */
unsigned check_tests(const struct cli *cli, const struct contract *contract);

#endif

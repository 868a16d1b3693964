/* The server's secret: tracking codes and cursors hang on it. */
#ifndef SECRET_H
#define SECRET_H

#include "cli.h"

#include "base/crypto.h"

/* From the file that the setting secret_file names; false after a complaint that names the setting. */
MUST_USE bool secret_read(const struct cli *cli, struct secret *ret);

#endif

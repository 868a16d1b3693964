/* The sample contract of the unit tests, for the fuzz targets that need one. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "contract/contract.h"

#include <stdio.h>
#include <stdlib.h>

#define SAMPLE_MAX 65536

static const char *const sample_permissions[] = {"book.read", "book.write", NULL};
static const char *const sample_rates[] = {"read", "staff", NULL};
static const char *const sample_tags[] = {"shelves", "books", NULL};
static const struct contract_vocabulary sample_vocabulary = {sample_permissions, sample_rates, sample_tags};

/* Ends the process with a message when `fact` does not hold: what a fuzzer counts as a crash. */
#define HOLDS(fact)                                                                                          \
    do {                                                                                                     \
        if (!(fact)) {                                                                                       \
            fprintf(stderr, "does not hold: %s\n", #fact);                                                   \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* Compiled at the first call. */
static inline const struct contract *sample_contract(void)
{
    static struct contract *contract;
    static char yaml[SAMPLE_MAX];
    struct contract_error error;

    if (contract)
        return contract;
    FILE *file = fopen(SOURCE_DIR "/tests/unit/contract/sample.yaml", "r");
    HOLDS(file);
    size_t len = fread(yaml, 1, sizeof yaml, file);
    fclose(file);
    contract = contract_compile((struct slice){yaml, len}, &sample_vocabulary, &error);
    HOLDS(contract);
    return contract;
}

#endif

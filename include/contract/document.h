/* A YAML file as JSON that remembers its lines: for strategy files, and for anything that is validated
 * against a schema and must name the line of a fault. */
#ifndef CONTRACT_DOCUMENT_H
#define CONTRACT_DOCUMENT_H

#include "contract/contract.h"

struct document;

/* Plain scalars follow the YAML 1.2 core schema (null, true, false, numbers as JSON writes them; no yes/no,
 * no octal; dates and numbers with a leading zero stay text). Anchors, aliases and tags, duplicate keys,
 * non-scalar keys, more than 64 levels or 4 MiB, and several documents are errors. NULL on error. */
MUST_USE struct document *document_read(struct slice yaml, struct contract_error *ret_error);
void document_free(struct document *document);
json_t *document_json(struct document *document); /* borrowed, changeable */
/* The line of the value at a JSON Pointer, or of its nearest parent. */
unsigned document_line(const struct document *document, const char *pointer);

#endif

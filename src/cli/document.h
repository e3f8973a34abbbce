/* Documents of apply: what they may hold (cli/state.h, cli/relations.h) and nothing else. A member that no call takes would be left out in
 * silence, and be a difference for ever. */
#ifndef COUNTERSIGN_CLI_DOCUMENT_H
#define COUNTERSIGN_CLI_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

/* Adds the lists of a file ("-" is standard input) to the document. False with *problem in words, naming the list or the file. */
bool document_add(json_t *document, const char *file, char problem[static 256]);
/* The list in an order of its own, so that two exports of equal gateways are equal. The caller gives it back. */
json_t *document_sorted(const json_t *list);

#endif

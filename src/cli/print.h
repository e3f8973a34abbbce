/* Answers for people: a list as a table, an object as lines. With --json they are printed as they came. */
#ifndef COUNTERSIGN_CLI_PRINT_H
#define COUNTERSIGN_CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>

/* False: standard output cannot be written. */
bool print_answer(json_t *answer, bool as_json);
/* The list in a page of answers; NULL: it is none. */
json_t *answer_items(json_t *answer);

#endif

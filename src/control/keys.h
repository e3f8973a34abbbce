/* The key files of a node, in <data>/keys: made once, never replaced here (store/sealing.h and edge/edge.h read them). */
#ifndef COUNTERSIGN_CONTROL_KEYS_H
#define COUNTERSIGN_CONTROL_KEYS_H

#include <stdbool.h>

/* Makes the files that are missing. store.key and pepper.key open what the store holds, so they are made only for a store that is empty:
 * otherwise a missing one is a problem for the operator (another node's files, a backup), not a reason for new secrets. False with
 * *problem in words. */
bool keys_provide(const char *directory, bool store_is_empty, char problem[static 256]);

#endif

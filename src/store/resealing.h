/* All of a store's secrets sealed anew by the store key of now, in batches, while others write: after that the key before is needed by
 * nobody. The secrets themselves, their revisions and the edges stay what they are. And whether the keys at hand open them at all. */
#ifndef COUNTERSIGN_STORE_RESEALING_H
#define COUNTERSIGN_STORE_RESEALING_H

#include "store/sealing.h"

struct resealing {
    uint64_t secrets;  /* sealed anew */
    uint64_t unopened; /* neither by the key of now nor to be opened */
};
/* A whole pass, with an audit row when it changed something. When it finds nothing to do, no secret needs another key than that of now.
 * False with *problem in words: what was done until then stays done. */
bool store_reseal(struct store *store, const struct store_keys *keys, struct resealing *resealing, char problem[static 256]);
/* Do these keys open the store's secrets? Nothing is written: `secrets` are those that open. False with *problem in words: a fault. */
bool store_try_secrets(struct store *store, const struct store_keys *keys, struct resealing *tried, char problem[static 256]);

#endif

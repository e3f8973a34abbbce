/* The worker's memory of recent look-ups: key → where the value stands in the map, stamped with the id of the transaction in which it
 * was seen. While the latest transaction has that id nothing has changed and LMDB has not reused its pages, so the pointer is good
 * (docs/decisions/0005). Fixed in size; only finds are kept, so that a flood of unknown keys pushes nobody out. */
#ifndef COUNTERSIGN_EDGE_LOOK_UPS_H
#define COUNTERSIGN_EDGE_LOOK_UPS_H

#include "edge/keys.h"

#define LOOK_UP_SETS    2048 /* a power of two */
#define LOOK_UP_WAYS    4
#define LOOK_UP_KEY_MAX 168 /* longer keys are looked up each time */

struct look_up {
    struct bytes value;
    size_t key_length;
    uint8_t key[LOOK_UP_KEY_MAX];
};

struct look_up_set {
    uint64_t hash[LOOK_UP_WAYS];
    uint64_t stamp[LOOK_UP_WAYS]; /* transaction id + 1; 0 = empty */
};

struct look_ups {
    uint64_t seed; /* so that nobody can choose keys that share a set */
    struct look_up_set sets[LOOK_UP_SETS];
    struct look_up kept[LOOK_UP_SETS][LOOK_UP_WAYS];
};

uint64_t look_up_hash(uint64_t seed, struct bytes key);
/* NULL: not known to be valid in this transaction. */
const struct bytes *look_ups_find(const struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction);
void look_ups_keep(struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction, struct bytes value);
/* The map moved: no pointer is good any more. */
void look_ups_forget(struct look_ups *look_ups);

#endif

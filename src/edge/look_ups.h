/* The worker's memory of recent look-ups: where a key and its value stand in the map, stamped with the id of the transaction in which they
 * were seen. While the latest transaction has that id nothing has changed and LMDB has not reused its pages, so the pointers are good
 * (docs/decisions/0005). Fixed in size; only finds are kept, so that a flood of unknown keys pushes nobody out.
 *
 * A thousand callers do not fit into a processor's first cache: what one of them costs is the lines of memory that are touched for him.
 * So a look-up is one line, and key and value stay where they are, side by side in the map. */
#ifndef COUNTERSIGN_EDGE_LOOK_UPS_H
#define COUNTERSIGN_EDGE_LOOK_UPS_H

#include "edge/keys.h"

#define LOOK_UP_SETS 4096 /* a power of two */
#define LOOK_UP_WAYS 2

struct look_up {
    uint64_t hash;
    uint64_t stamp; /* transaction id + 1; 0 = empty */
    const uint8_t *key;
    const uint8_t *value;
    uint32_t key_length;
    uint32_t value_length;
    /* Of a credential: the last publication that its principal was found to be authorised for, and until when. */
    uint64_t authorised_for; /* its serial; 0 = none yet */
    int64_t authorised_until;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct look_up) == 64, "one line of the cache");

struct look_ups {
    struct look_up kept[LOOK_UP_SETS][LOOK_UP_WAYS];
    uint64_t seed; /* so that nobody can choose keys that share a set */
};

uint64_t look_up_hash(uint64_t seed, struct bytes key);
/* NULL: not known to be valid in this transaction. */
struct look_up *look_ups_find(struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction);
/* `key` and `value` as they stand in the map. */
struct look_up *look_ups_keep(struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction, struct bytes value);
/* The map moved: no pointer is good any more. */
void look_ups_forget(struct look_ups *look_ups);

static inline struct bytes look_up_value(const struct look_up *look_up)
{
    return bytes_of(look_up->value, look_up->value_length);
}

#endif

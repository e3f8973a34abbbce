/* The worker's memory of recent look-ups: where a key and its value stand in the map, stamped with the id of the transaction in which they
 * were seen. While the latest transaction has that id nothing has changed and LMDB has not reused its pages, so the pointers are good
 * (docs/decisions/0005). Fixed in size; only finds are kept, so that a flood of unknown keys pushes nobody out.
 *
 * A thousand callers do not fit into a processor's first cache: what one of them costs is the lines and pages of memory that are touched
 * for him. So a look-up is one line, and key and value stand once more beside each other in memory of the worker's own: in the map each of
 * a thousand among a million stands on a page of his. */
#ifndef COUNTERSIGN_EDGE_LOOK_UPS_H
#define COUNTERSIGN_EDGE_LOOK_UPS_H

#include "edge/keys.h"

#define LOOK_UP_SETS 4096 /* a power of two */
#define LOOK_UP_WAYS 2
#define LOOK_UP_NEAR 320 /* bytes of key and value that are copied; a key pair takes about 300 */

struct look_up {
    uint64_t hash;
    uint64_t stamp;       /* transaction id + 1; 0 = empty */
    const uint8_t *key;   /* the copy, or in the map */
    const uint8_t *value; /* in the map: what it is known by */
    const uint8_t *near;  /* the value again: the copy, or in the map */
    uint32_t key_length;
    uint32_t value_length;
    /* Of a credential: the last publication that its principal was found to be authorised for, and until when. */
    uint64_t authorised_for; /* its serial; 0 = none yet */
    int64_t authorised_until;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct look_up) == 64, "one line of the cache");

struct look_ups {
    struct look_up kept[LOOK_UP_SETS][LOOK_UP_WAYS];
    uint8_t copies[LOOK_UP_SETS][LOOK_UP_WAYS][LOOK_UP_NEAR] __attribute__((aligned(64)));
    uint64_t seed; /* so that nobody can choose keys that share a set */
};

uint64_t look_up_hash(uint64_t seed, struct bytes key);
/* look_ups_find will be asked about this hash soon, and its value be read. */
void look_ups_fetch(const struct look_ups *look_ups, uint64_t hash);
/* NULL: not known to be valid in this transaction. */
struct look_up *look_ups_find(struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction);
/* `key` and `value` as they stand in the map. */
struct look_up *look_ups_keep(struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction, struct bytes value);
/* The map moved: no pointer is good any more. */
void look_ups_forget(struct look_ups *look_ups);

/* Good as long as the map is the same picture. */
static inline struct bytes look_up_value(const struct look_up *look_up)
{
    return bytes_of(look_up->value, look_up->value_length);
}

/* The same bytes, cheaper to read; good until the next look_ups_keep only. */
static inline struct bytes look_up_near_value(const struct look_up *look_up)
{
    return bytes_of(look_up->near, look_up->value_length);
}

#endif

/* Changes that an attempt to publish has looked at already: it looks at states, so once is enough however often they changed. (A batch that
 * publishes 1000 APIs of a group names its routes 1000 times.) */
#ifndef COUNTERSIGN_CONTROL_CHANGE_SET_H
#define COUNTERSIGN_CONTROL_CHANGE_SET_H

#include "store/store.h"

#define CHANGE_SET_SLOTS 65536 /* a power of two */
#define CHANGE_SET_MOST  (CHANGE_SET_SLOTS / 2)
#define CHANGE_NAME_SIZE 16

struct change_set {
    size_t count;
    uint8_t names[CHANGE_SET_SLOTS][CHANGE_NAME_SIZE];
};

void change_set_clear(struct change_set *set);
/* True: not seen before, as far as the set remembers (it forgets nothing, but a full one takes no more). */
bool change_set_add(struct change_set *set, const struct change *change);

#endif

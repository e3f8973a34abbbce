/* How names stand in a page: of each row a byte that tells its state, then the name, ASCII letters folded, its control characters as one.
 */
#ifndef COUNTERSIGN_STORE_NAME_PAGES_H
#define COUNTERSIGN_STORE_NAME_PAGES_H

#include "store/tracked.h"

#define NAME_LOWEST 0x20 /* no byte of a name is lower, but for NAME_LOWEST - 1 */

#define NAME_STATES 15 /* from 0 on */

static inline uint8_t name_state(int64_t state)
{
    return (uint8_t)(1 + (uint64_t)state % (NAME_STATES + 1));
}

#endif

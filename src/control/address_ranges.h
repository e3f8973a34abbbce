/* Addresses as people write them ("10.0.0.1", "10.0.0.1-10.0.0.9", "2001:db8::/32") as the sorted ranges that policy/address_list.h looks
 * up. */
#ifndef COUNTERSIGN_CONTROL_ADDRESS_RANGES_H
#define COUNTERSIGN_CONTROL_ADDRESS_RANGES_H

#include "base/arena.h"
#include "policy/address_list.h"

#define ADDRESS_RANGES_MOST 100 /* of one list (the vendor's own limit) */

/* One of them; the rule that it breaks, or NULL. IPv4 in IPv6 (::ffff:a.b.c.d) is refused: callers over IPv4 are known by their IPv4
 * address. A network's host bits may be anything, as at the vendor. */
const char *address_range_check(struct bytes text);
/* All of `items`, at most ADDRESS_RANGES_MOST; what overlaps or touches becomes one range. False: one is none, or the arena is full. */
bool address_ranges_compile(struct arena *arena, const struct bytes *items, size_t count, struct address_list *list);

#endif

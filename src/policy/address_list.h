/* Lists of addresses that may call, or may not (access control policies): ranges, sorted and apart from each other, so that a look-up is a
 * binary search over borrowed bytes. */
#ifndef COUNTERSIGN_POLICY_ADDRESS_LIST_H
#define COUNTERSIGN_POLICY_ADDRESS_LIST_H

#include "base/bytes.h"

#define ADDRESS_V4 4 /* bytes of an address */
#define ADDRESS_V6 16

struct address_list {
    bool deny;       /* who is in it may not call; otherwise nobody else may */
    struct bytes v4; /* ranges: first and last address, big-endian, 8 bytes each */
    struct bytes v6; /* the same, 32 bytes each */
};

/* Every range is one, and they are sorted and do not touch. */
bool address_list_is_sound(const struct address_list *list);
/* `address`: 4 or 16 bytes. Any other length is an address that is not known, which no list admits. */
bool address_list_admits(const struct address_list *list, struct bytes address);

#endif

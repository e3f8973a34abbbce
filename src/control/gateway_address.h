/* Where this node's nginx listens for callers, as the operator told the daemon (--gateway): what a request that is tried is sent to, and
 * nothing else ever. A list of http://ADDRESS:PORT and https://ADDRESS:PORT, each at most once for a gateway, separated by ','; the
 * addresses are this machine's own (127.0.0.0/8 or [::1]). INSTANCE_ID= before an entry says of which gateway it is; without it, it is of
 * the gateway that the first start made. */
#ifndef COUNTERSIGN_CONTROL_GATEWAY_ADDRESS_H
#define COUNTERSIGN_CONTROL_GATEWAY_ADDRESS_H

#include "base/bytes.h"

/* NULL, or in words what is wrong with the list. NULL for a list is fine. */
const char *gateway_addresses_problem(const char *list);

struct gateway_wanted {
    struct bytes instance_id;
    bool first; /* it is the one that the first start made */
    bool https;
};
/* "127.0.0.1:8080" of a list without problem; empty: there is none. */
struct bytes gateway_address_of(const char *list, const struct gateway_wanted *wanted);

#endif

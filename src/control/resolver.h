/* Names of backends to addresses, in a thread of its own: no handler and no worker ever waits for DNS, and no name for the answer of
 * another. A name is asked again when its answer's TTL is over, between 2 and 300 seconds; what does not resolve is tried again with
 * growing pauses up to a minute, and the last good addresses stay. */
#ifndef COUNTERSIGN_CONTROL_RESOLVER_H
#define COUNTERSIGN_CONTROL_RESOLVER_H

#include "edge/edge.h"

struct resolver;

/* Puts new addresses into the edge; called from the resolver's thread. False: not put, it will be called again. */
typedef bool (*resolver_put)(void *context, struct bytes authority, const struct edge_addresses *addresses);

/* `servers` as for name_client_open. NULL: no memory, no thread, or no such servers. */
struct resolver *resolver_start(const char *servers, resolver_put put, void *context);
/* Waits for no name server. NULL is fine. */
void resolver_stop(struct resolver *resolver);

/* `authority` is host:port. True and *addresses: known by now (an address written as digits always is). False: not yet, `put` will tell. */
bool resolver_want(struct resolver *resolver, struct bytes authority, struct edge_addresses *addresses);
/* Names that nobody wanted since the last call are forgotten. */
void resolver_sweep(struct resolver *resolver);
/* Blocks until every name that was added since the last call has its first answer, good or bad; at most `timeout_ms`. */
void resolver_settle(struct resolver *resolver, unsigned timeout_ms);

#endif

/* Counting requests against the policy that is bound to their API (policy/throttle.h, limit/limit.h). */
#ifndef COUNTERSIGN_GATEWAY_THROTTLE_H
#define COUNTERSIGN_GATEWAY_THROTTLE_H

#include "gateway/gateway.h"

/* Of a request that is otherwise admitted, whose publication has a policy: false when its verdict has become another one. A request that
 * one limit refuses counts in none, and none counts twice. */
bool throttle_admits(struct gateway_context *context, const struct edge_view *view);

#endif

/* Everything around a handler, once for all routes. */
#ifndef COUNTERSIGN_CONTROL_DISPATCH_H
#define COUNTERSIGN_CONTROL_DISPATCH_H

#include "control/call.h"

/* With method, target, fields, source and daemon set: finds the route and checks who calls. False: refused already; send the answer without
 * reading a body. */
bool dispatch_head(struct call *call, struct bytes target);
/* With the whole body: the rest, up to a status. */
void dispatch_body(struct call *call, struct bytes body);

/* The answer as it goes out: status from the call, the body's text (in the arena, or owned by *owned, to be freed by the caller). */
struct bytes dispatch_answer(struct call *call, char **owned);

#endif

/* Credentials that are looked up by their keyed hash: API keys of consumers, AppCodes of apps. The secret itself is nowhere kept. */
#ifndef COUNTERSIGN_CONTROL_LOOKED_UP_H
#define COUNTERSIGN_CONTROL_LOOKED_UP_H

#include "control/call.h"
#include "store/schema.h"

/* Lays a new, enabled credential for `secret` over the row, with id, lookup and display; whose it is, and where it counts, is the caller's
 * to add. False: a fault. */
bool looked_up_lay(struct call *call, struct bytes secret, struct value *row);
/* `length` random letters and digits; empty: a fault. */
struct bytes looked_up_draw(struct call *call, size_t length);

#endif

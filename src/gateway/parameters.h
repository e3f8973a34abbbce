/* What an API demands of a caller's parameters (policy/parameter.h), held against a request. */
#ifndef COUNTERSIGN_GATEWAY_PARAMETERS_H
#define COUNTERSIGN_GATEWAY_PARAMETERS_H

#include "gateway/gateway.h"

/* Of an admitted request. False: it is refused, and the admission says why. When the arena was too small it is exhausted, and the request
 * is to be looked at again with a larger one. */
bool parameters_admit(struct gateway_context *context);

#endif

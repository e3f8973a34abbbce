/* Answers on their way back: every one carries our request id, and nginx's own error pages are replaced by the caller's format. */
#ifndef COUNTERSIGN_GATEWAY_FILTER_H
#define COUNTERSIGN_GATEWAY_FILTER_H

#include "gateway/gateway.h"

void filter_install(void);

#endif

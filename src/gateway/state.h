/* The mapped files that this worker shares with the others and with the daemon. */
#ifndef COUNTERSIGN_GATEWAY_STATE_H
#define COUNTERSIGN_GATEWAY_STATE_H

#include "feedback/feedback.h"
#include "gateway/gateway.h"
#include "replay/replay.h"

/* What cannot be opened is tried again twice a second. */
void state_start(const struct gateway_main *main, ngx_cycle_t *cycle);
void state_stop(void);

/* NULL while there is none: a request with a nonce is answered 503. */
struct replay *state_replay(void);
/* NULL: switched off, or there is none, or there are more workers than it has parts. */
struct feedback *state_feedback(void);

#endif

/* The mapped files that this worker shares with the others and with the daemon. */
#ifndef COUNTERSIGN_GATEWAY_STATE_H
#define COUNTERSIGN_GATEWAY_STATE_H

#include "feedback/feedback.h"
#include "gateway/gateway.h"
#include "limit/limit.h"
#include "replay/replay.h"

/* What cannot be opened is tried again twice a second. */
void state_start(const struct gateway_main *main, ngx_cycle_t *cycle);
void state_stop(void);

/* NULL while there is none: a request with a nonce is answered 503. */
struct replay *state_replay(void);
/* Is countersign_lock on? Then a NULL lock is a fault. */
bool state_locks(void);
struct lock *state_lock(void);

/* NULL while there is none: a request that is counted is answered 503. */
struct limit *state_limit(void);

/* countersign_max_staleness TIME [refuse|warn]; */
char *state_staleness_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf);
/* Has the daemon not heard from the store for longer than that? With "warn" it is said once a minute, and false. */
bool state_is_stale(ngx_log_t *log);

/* NULL: switched off, or there is none, or there are more workers than it has parts. */
struct feedback *state_feedback(void);

#endif

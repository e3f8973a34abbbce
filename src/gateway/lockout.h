/* Locks after failed attempts (lock/lock.h): countersign_lock. */
#ifndef COUNTERSIGN_GATEWAY_LOCKOUT_H
#define COUNTERSIGN_GATEWAY_LOCKOUT_H

#include "gateway/gateway.h"

/* countersign_lock off | [failures=N] [time=TIME] [most=TIME] [global=N]; */
char *lockout_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf);

/* Once for each request, when admission has had its say about the proof. Changes the verdict to key_locked when the key is shut for this
 * source, and counts a signature that does not match and a key that is unknown. Only signed requests: whoever guesses at API keys guesses
 * another one each time. */
void lockout_judge(struct gateway_context *context);

#endif

/* From which side a request came: countersign_listener internal|external; in http or server. */
#ifndef COUNTERSIGN_GATEWAY_LISTENER_H
#define COUNTERSIGN_GATEWAY_LISTENER_H

#include "gateway/gateway.h"

char *listener_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf);
/* No socket belongs to servers of both sides: who reaches it would choose his side with the Host header. False: said in the log. */
bool listener_check(ngx_conf_t *cf);

#endif

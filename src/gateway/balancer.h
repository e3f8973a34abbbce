/* upstream { countersign_balancer [idle=N] [timeout=T]; }: the peers are what the edge says about the request's API. */
#ifndef COUNTERSIGN_GATEWAY_BALANCER_H
#define COUNTERSIGN_GATEWAY_BALANCER_H

#include "gateway/pool.h"

char *balancer_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf);
/* The upstream block `upstream` holds our directive. */
bool balancer_owns(const ngx_http_upstream_srv_conf_t *upstream);

#endif

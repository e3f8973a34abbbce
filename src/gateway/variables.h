/* $countersign_…: the verdict for logs and maps, and what nginx's proxy module must say to the backend. docs/reference/nginx.md lists them.
 */
#ifndef COUNTERSIGN_GATEWAY_VARIABLES_H
#define COUNTERSIGN_GATEWAY_VARIABLES_H

#include "gateway/gateway.h"

ngx_int_t variables_add(ngx_conf_t *cf);

#endif

/* The access phase: who is calling, and may they? */
#ifndef COUNTERSIGN_GATEWAY_ACCESS_H
#define COUNTERSIGN_GATEWAY_ACCESS_H

#include "gateway/gateway.h"

ngx_int_t access_handler(ngx_http_request_t *r);

#endif

/* The access phase: who is calling, and may they? */
#ifndef COUNTERSIGN_GATEWAY_ACCESS_H
#define COUNTERSIGN_GATEWAY_ACCESS_H

#include "gateway/gateway.h"

ngx_int_t access_handler(ngx_http_request_t *r);
/* What this publication does not serve, whoever is calling: requests in clear, gRPC. REFUSAL_NONE: nothing of the kind. */
enum refusal access_refusal_of_protocol(ngx_http_request_t *r, const struct publication *publication);

#endif

/* Browsers of other origins (Fetch standard, 3.2), for APIs that are open to them. */
#ifndef COUNTERSIGN_GATEWAY_CORS_H
#define COUNTERSIGN_GATEWAY_CORS_H

#include "gateway/gateway.h"

/* A preflight for an API that is open to browsers: true, and context->own_answer is set. It is asked without a proof and carries no header
 * of the request to come but its method and path, so the environment is RELEASE. False: it is none, or for no such API. */
bool cors_answer(struct gateway_context *context, const struct edge_view *view);

/* Lets the page that asked read the answer. False: no memory. */
bool cors_open_answer(ngx_http_request_t *r);

#endif

/* The head of the outgoing request as bytes, and an answer that came in one piece on its way back: what nginx's proxy module does for any
 * request, done for ours, of which everything is known beforehand. */
#ifndef COUNTERSIGN_GATEWAY_WIRE_H
#define COUNTERSIGN_GATEWAY_WIRE_H

#include "gateway/headers.h"

/* Whether nginx's own writer is not needed: the location sets no headers beside ours, and the body is read or there is none. */
bool wire_suits(const struct gateway_context *context);

/* Hands the request over to nginx's proxy module, which takes its head from `outgoing`. What the content handler of `proxy_pass` returns.
 */
ngx_int_t wire_forward(struct gateway_context *context, const struct outgoing *outgoing);
/* For the balancer, which found an idle connection: what to answer nginx (ngx_peer_connection_t, get). */
ngx_int_t wire_connected(struct gateway_context *context);

#endif

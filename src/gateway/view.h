/* nginx's request as admission sees it: pointers only. */
#ifndef COUNTERSIGN_GATEWAY_VIEW_H
#define COUNTERSIGN_GATEWAY_VIEW_H

#include "gateway/gateway.h"

/* Fills context->view; the array of fields lies in the arena. REFUSAL_NONE, or what is wrong with the request. */
enum refusal view_read(struct gateway_context *context);

/* WebSocket and nothing else is an upgrade: others (h2c) would turn the connection into one that nobody checks. */
bool view_wants_websocket(const ngx_http_request_t *r);

#endif

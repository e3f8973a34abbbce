/* The request's body: digested as it streams in, held to its limit, kept only when it is a form that is signed. */
#ifndef COUNTERSIGN_GATEWAY_BODY_H
#define COUNTERSIGN_GATEWAY_BODY_H

#include "gateway/gateway.h"

/* Reads the body for context->admission. Calls `resume` once it was read whole, with context->body.facts filled; that may happen before
 * this returns NGX_DONE. BODY_TOO_LARGE when its announced length is over the limit already: nothing was read. Otherwise an HTTP status.
 * A chunked body that grows over the limit calls `resume` too, with body.too_large set and no facts. */
#define BODY_TOO_LARGE NGX_DECLINED
ngx_int_t body_read(struct gateway_context *context, ngx_http_client_body_handler_pt resume);

/* There is a body: a length above zero, or chunked. */
bool body_is_announced(const ngx_http_request_t *r);

void body_install_filter(void);

#endif

/* The context of a request: made once, found again after internal redirects (which clear r->ctx), gone with the request's pool. */
#ifndef COUNTERSIGN_GATEWAY_CONTEXT_H
#define COUNTERSIGN_GATEWAY_CONTEXT_H

#include "gateway/gateway.h"

/* NULL: the access phase has not seen this request. Subrequests have none. */
struct gateway_context *context_find(ngx_http_request_t *r);
/* NULL: out of memory or randomness. */
struct gateway_context *context_create(ngx_http_request_t *r);
/* A larger arena for the same request; what lies in the old one stays. False: out of memory. */
bool context_grow_arena(struct gateway_context *context, size_t capacity);
/* Holds `publication` in place of the one looked up before, which stays alive as long as the claim may point into it. */
void context_keep_publication(struct gateway_context *context, const struct publication *publication);
/* Nothing points into them any more: the request is looked at from the beginning. */
void context_drop_publications(struct gateway_context *context);

#endif

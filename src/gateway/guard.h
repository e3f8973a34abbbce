/* Who may come in at all, whatever he proves: the side that he comes from, and lists of addresses. */
#ifndef COUNTERSIGN_GATEWAY_GUARD_H
#define COUNTERSIGN_GATEWAY_GUARD_H

#include "gateway/gateway.h"

enum guard_answer { GUARD_OPEN, GUARD_SHUT /* see *refusal */, GUARD_FAULT /* the list cannot be read */ };

/* Of a publication that is guarded. */
enum guard_answer guard_api(const ngx_http_request_t *r, const struct edge_view *view, const struct publication *publication,
                            enum refusal *refusal);
/* Of a principal that has a list of his own. */
enum guard_answer guard_caller(const ngx_http_request_t *r, const struct edge_view *view, const struct principal *principal,
                               enum refusal *refusal);

#endif

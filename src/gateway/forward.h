/* The request as it goes out. nginx's proxy module builds it from r->headers_in and r->unparsed_uri, so for the moment in which it does,
 * ours stand there; balancer.c puts the caller's back. */
#ifndef COUNTERSIGN_GATEWAY_FORWARD_H
#define COUNTERSIGN_GATEWAY_FORWARD_H

#include "gateway/gateway.h"

/* At configuration time: hashes of the names that we add. */
void forward_prepare(void);

/* For an accepted request: our content handler before the location's own. What the phase handler returns. */
ngx_int_t forward_install(struct gateway_context *context);

/* Before a request is sent once more: what is signed is written and signed anew, so that no signature goes out twice. `number` is 2 and up,
 * at most FORWARD_MOST_TRIES. False: it cannot be (logged), and must not be sent. */
#define FORWARD_MOST_TRIES 99
bool forward_again(struct gateway_context *context, unsigned number);

/* The request to the backend was written: the caller's stands in its place again. False: what was written is not ours. */
bool forward_settle(struct gateway_context *context);

/* The method that the backend will see. */
struct bytes forward_method(const struct gateway_context *context);

#endif

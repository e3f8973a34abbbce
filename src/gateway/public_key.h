/* The public halves of signature keys, for backends that hold no secret: GET /apigw/authadv/v2/public-key/<sign id>, asked by anybody, on
 * gateways where the feature public_key is switched on (huawei.md 3.4; the form of the answer is this gateway's own). */
#ifndef COUNTERSIGN_GATEWAY_PUBLIC_KEY_H
#define COUNTERSIGN_GATEWAY_PUBLIC_KEY_H

#include "gateway/gateway.h"

/* True: the request asks for a public key and is no API's; context->own_answer is what it gets, or the outcome is a fault. */
bool public_key_answer(struct gateway_context *context, const struct edge_view *view);

#endif

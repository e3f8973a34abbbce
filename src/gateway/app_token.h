/* Where apps get access tokens: the path that the feature app_token names, on every host of the gateway (admit/app_grant.h). */
#ifndef COUNTERSIGN_GATEWAY_APP_TOKEN_H
#define COUNTERSIGN_GATEWAY_APP_TOKEN_H

#include "edge/reader.h"
#include "gateway/gateway.h"

/* Can only be this, if the feature is on: no API is asked for under this prefix then. */
bool app_token_may_be_asked(const struct gateway_context *context);
/* True: it is asked for a token, and context->grants is set; the outcome is that its body is needed, or a fault. */
bool app_token_asked(struct gateway_context *context, const struct edge_view *view);
/* With the body: context->own_answer is the answer, and context->admission tells of it; or the outcome is a fault. */
void app_token_grant(struct gateway_context *context, struct edge_view *view);

#endif

/* What a token told: claims on their way to the backend, and the token itself off it. */
#ifndef COUNTERSIGN_GATEWAY_CLAIMS_H
#define COUNTERSIGN_GATEWAY_CLAIMS_H

#include "gateway/headers.h"

/* Is this a header (lower case) that only claims fill at this API? Whoever calls, and with whatever proof, may not send it. */
bool claims_own_header(const struct gateway_context *context, struct bytes lower);
/* The same of a query parameter, its name as it was written. */
bool claims_own_parameter(const struct gateway_context *context, struct bytes raw_name);

/* How many headers claims_add_headers adds at most. */
size_t claims_header_count(const struct gateway_context *context);
/* False: no room. */
bool claims_add_headers(const struct gateway_context *context, struct outgoing *outgoing);
/* Appends "name=value" for each claim that goes into the query, each behind `separator`, then '&'. */
void claims_add_parameters(const struct gateway_context *context, uint8_t separator, struct buffer *out);
/* Bytes that claims_add_parameters appends at most. */
size_t claims_parameter_room(const struct gateway_context *context);

/* The value of a Cookie header without the cookie in which the proof stood; empty when nothing else is in it. In the arena; NULL data: it
 * is full. */
struct bytes claims_cookies_without(struct arena *arena, struct bytes cookies, struct bytes name);

#endif

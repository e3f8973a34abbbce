/* The target on its way out, and the target as logs may show it. What was decided upon is what is sent: segments of the caller's path and
 * pairs of his query keep their bytes. */
#ifndef COUNTERSIGN_GATEWAY_TARGET_H
#define COUNTERSIGN_GATEWAY_TARGET_H

#include "gateway/mapping.h"

/* The backend's path (its template filled with the route's parameters and rest; the caller's when there is none), and the caller's query
 * without a credential that the backend is not to see, and with
 * what a mapping makes of it. Empty: the arena is full, or the template names an unknown parameter. */
struct bytes target_outgoing(struct gateway_context *context, const struct mapping *mapping);
/* Bytes that its path takes at most: a parameter may stand in it several times. */
size_t target_path_room(const struct gateway_context *context);

/* The caller's target, the value of every place for a credential in the query masked; before the API is known, all values. Bytes outside
 * of ASCII as %XX, so that a log line stays UTF-8. Never fails: "-" when there is no memory. */
struct bytes target_masked(ngx_http_request_t *r, const struct gateway_context *context);

#endif

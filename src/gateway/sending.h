/* How small messages leave. */
#ifndef COUNTERSIGN_GATEWAY_SENDING_H
#define COUNTERSIGN_GATEWAY_SENDING_H

#include "gateway/gateway.h"

/* From now on what is small leaves the connection in one send(2) of one piece. nginx's writev(2) of several costs 0.2 us more, twice in
 * each request. A connection that does not write to its socket itself (TLS, HTTP/2) stays as it is. */
void sending_in_one_piece(ngx_connection_t *c);

#endif

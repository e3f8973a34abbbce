/* Where a request comes from, as nginx sees it: the peer, or whom ngx_http_realip_module puts in its place. */
#ifndef COUNTERSIGN_GATEWAY_SOURCE_H
#define COUNTERSIGN_GATEWAY_SOURCE_H

#include "gateway/gateway.h"

/* 4 bytes of IPv4, 16 of IPv6; an IPv4 address that came to a socket for both has 4. Empty: it came through a socket without addresses.
 * Borrowed from the connection. */
struct bytes source_address(const ngx_connection_t *c);
/* Whom to count as one: an address, or of IPv6 the network that a customer gets as a whole; all that come without address together. */
struct bytes source_customer(const ngx_connection_t *c);

#endif

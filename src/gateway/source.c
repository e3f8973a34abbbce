#include "gateway/source.h"

#define CUSTOMER_V6 8 /* bytes: a /64 */

struct bytes source_address(const ngx_connection_t *c)
{
    switch (c->sockaddr->sa_family) {
    case AF_INET: {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)c->sockaddr;
        return bytes_of(&v4->sin_addr, 4);
    }
#if (NGX_HAVE_INET6)
    case AF_INET6: {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)c->sockaddr;
        if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) return bytes_of(&v6->sin6_addr.s6_addr[12], 4); /* of a socket for both */
        return bytes_of(&v6->sin6_addr, 16);
    }
#endif
    default:
        return BYTES("");
    }
}

struct bytes source_customer(const ngx_connection_t *c)
{
    struct bytes address = source_address(c);
    if (address.length == 0) return BYTES("local");
    return address.length > 4 ? bytes_slice(address, 0, CUSTOMER_V6) : address;
}

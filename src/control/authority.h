/* host:port of a backend, as an operator writes it (url_domain, huawei.md 4.5). Only its form and its literal addresses are judged here;
 * what a name resolves to is judged again, by the same rule, whenever it was resolved. */
#ifndef COUNTERSIGN_CONTROL_AUTHORITY_H
#define COUNTERSIGN_CONTROL_AUTHORITY_H

#include "base/bytes.h"

#define AUTHORITY_MAX_LENGTH 255

struct authority {
    struct bytes host; /* without brackets and port, borrowed */
    uint16_t port;     /* 0: none was written */
};

/* NULL: well formed and allowed; otherwise the broken rule in words, for the refusal. */
const char *authority_read(struct bytes text, struct authority *authority);

/* No backend may be there: link-local (cloud metadata lives there), unspecified, multicast, broadcast; of IPv6 also the forms that wrap
 * an IPv4 address, which would be a way around this. Bytes in network order. */
bool address_v4_is_forbidden(const uint8_t address[static 4]);
bool address_v6_is_forbidden(const uint8_t address[static 16]);

#endif

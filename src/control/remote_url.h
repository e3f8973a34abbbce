/* The URL of a key set elsewhere, with what stands in it (cloud-native consumers: "The system automatically parses the port number, timeout
 * period, and cache duration from the URL"): https://NAME[:PORT]/PATH[?QUERY][#timeout=MILLISECONDS&cache=SECONDS]. The fragment is never
 * sent. */
#ifndef COUNTERSIGN_CONTROL_REMOTE_URL_H
#define COUNTERSIGN_CONTROL_REMOTE_URL_H

#include "base/bytes.h"

#define REMOTE_URL_MAX 1024

struct remote_url {
    struct bytes request; /* without the fragment */
    struct bytes host;
    uint16_t port;
    uint32_t timeout_ms;    /* of a whole fetch: 100 to 10000, else 1500 */
    uint32_t cache_seconds; /* between two fetches, unless the answer says otherwise: 30 to 604800, else 600 */
    bool discovery;         /* an OpenID configuration that names the set (OpenID Connect Discovery 1.0, 4) */
};

extern const char remote_url_rule[];
/* NULL, or in words what the URL must be. */
const char *remote_url_read(struct bytes text, struct remote_url *url);

#endif

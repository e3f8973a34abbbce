/* TLS towards backends: an identity is what a connection was verified against (server name, CA certificates, verify or not). Two backends
 * on one address but of different identity never share a connection, nor a TLS session. Per worker; used identities are kept, others go
 * when there are too many. */
#ifndef COUNTERSIGN_GATEWAY_TLS_H
#define COUNTERSIGN_GATEWAY_TLS_H

#include "gateway/gateway.h"

struct tls_identity {
    ngx_queue_t queue; /* most recently used first */
    ngx_ssl_t ssl;
    bool verify;
    ngx_str_t name; /* for SNI and verification, without port */
    struct bytes ca_certificates;
    size_t users;
};

/* A reference to the identity of a backend of kind BACKEND_HTTPS; NULL: its certificates cannot be read, or no memory (logged). */
struct tls_identity *tls_identity_get(const struct backend *backend, ngx_log_t *log);
struct tls_identity *tls_identity_share(struct tls_identity *identity);
void tls_identity_release(struct tls_identity *identity);

#endif

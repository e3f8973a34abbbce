/* TLS towards backends: an identity is what a connection was verified against (server name, CA certificates, verify or not) and who we were
 * in it (client certificate). Two backends on one address but of different identity never share a connection, nor a TLS session. Per
 * worker; used identities are kept, others go when there are too many. */
#ifndef COUNTERSIGN_GATEWAY_TLS_H
#define COUNTERSIGN_GATEWAY_TLS_H

#include "gateway/gateway.h"

struct tls_identity {
    ngx_queue_t queue; /* most recently used first */
    ngx_ssl_t ssl;
    bool verify;
    bool by_address; /* verified in the handshake: the name is an IP address, for which nginx would look among the names */
    ngx_str_t name;  /* for SNI and verification, without port */
    struct bytes ca_certificates;
    const ngx_ssl_t *client; /* whose certificate was shown; NULL: none */
    size_t users;
};

/* A client certificate with its key, and the backend it is for. Of the configuration. */
struct tls_client {
    struct tls_client *next;
    ngx_str_t host; /* without port; empty: all that have none of their own */
    ngx_ssl_t *ssl;
};

/* A reference to the identity of a backend of kind BACKEND_HTTPS; `clients` are for backends that want a client certificate. NULL: its
 * certificates cannot be read, it wants a client certificate and there is none for it, or no memory (logged). */
struct tls_identity *tls_identity_get(const struct backend *backend, const struct tls_client *clients, ngx_log_t *log);

/* countersign_client_certificate FILE KEY [HOST…]: read when the configuration is, as the owner of the files. */
char *tls_client_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf);
struct tls_identity *tls_identity_share(struct tls_identity *identity);
void tls_identity_release(struct tls_identity *identity);

#endif

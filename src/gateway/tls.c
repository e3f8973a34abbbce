#include "gateway/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define MAX_IDENTITIES 512

/* Per worker. */
static struct {
    ngx_queue_t queue;
    size_t count;
    X509_STORE *system; /* the system's certificates, read once when the first backend wants them */
} identities;

static struct bytes name_without_port(struct bytes host)
{
    if (host.length > 0 && host.data[0] == '[') return bytes_slice(host, 0, bytes_find(host, ']') + 1);
    return bytes_slice(host, 0, bytes_find(host, ':'));
}

static bool is_identity_of(const struct tls_identity *identity, const struct backend *backend, const ngx_ssl_t *client)
{
    return identity->client == client && identity->verify == backend->verify_certificate &&
           bytes_equal(bytes_of_str(identity->name), name_without_port(backend->host)) &&
           bytes_equal(identity->ca_certificates, backend->ca_certificates);
}

static struct tls_identity *find(const struct backend *backend, const ngx_ssl_t *client)
{
    for (ngx_queue_t *q = ngx_queue_head(&identities.queue); q != ngx_queue_sentinel(&identities.queue); q = ngx_queue_next(q)) {
        struct tls_identity *identity = ngx_queue_data(q, struct tls_identity, queue);
        if (is_identity_of(identity, backend, client)) return identity;
    }
    return NULL;
}

static void destroy(struct tls_identity *identity)
{
    ngx_queue_remove(&identity->queue);
    identities.count--;
    SSL_CTX_free(identity->ssl.ctx); /* connections that live hold references of their own */
    ngx_free(identity);
}

static bool make_place(void)
{
    if (identities.count < MAX_IDENTITIES) return true;
    for (ngx_queue_t *q = ngx_queue_last(&identities.queue); q != ngx_queue_sentinel(&identities.queue); q = ngx_queue_prev(q)) {
        struct tls_identity *identity = ngx_queue_data(q, struct tls_identity, queue);
        if (identity->users > 0) continue;
        destroy(identity);
        return true;
    }
    return false;
}

static bool trust_system(SSL_CTX *ssl)
{
    if (identities.system == NULL) {
        identities.system = X509_STORE_new();
        if (identities.system == NULL || X509_STORE_set_default_paths(identities.system) != 1) return false;
    }
    SSL_CTX_set1_cert_store(ssl, identities.system);
    return true;
}

/* At least one certificate, and nothing after the last that is not one. */
static bool trust_certificates(SSL_CTX *ssl, struct bytes pem)
{
    BIO *text = BIO_new_mem_buf(pem.data, (int)pem.length);
    if (text == NULL) return false;
    size_t count = 0;
    bool added = true;
    for (X509 *certificate; added && (certificate = PEM_read_bio_X509(text, NULL, NULL, NULL)) != NULL; X509_free(certificate)) {
        added = X509_STORE_add_cert(SSL_CTX_get_cert_store(ssl), certificate) == 1;
        count++;
    }
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    BIO_free(text);
    return added && at_end && count > 0;
}

static bool trust(SSL_CTX *ssl, const struct backend *backend)
{
    if (!backend->verify_certificate) return true;
    if (backend->ca_certificates.length == 0) return trust_system(ssl);
    return trust_certificates(ssl, backend->ca_certificates);
}

/* Shared with the configuration, which outlives the worker's identities. */
static bool show_client(SSL_CTX *ssl, const ngx_ssl_t *client)
{
    STACK_OF(X509) *chain = NULL;
    if (client == NULL) return true;
    if (SSL_CTX_use_certificate(ssl, SSL_CTX_get0_certificate(client->ctx)) != 1) return false;
    if (SSL_CTX_use_PrivateKey(ssl, SSL_CTX_get0_privatekey(client->ctx)) != 1) return false;
    return SSL_CTX_get0_chain_certs(client->ctx, &chain) == 1 && SSL_CTX_set1_chain(ssl, chain) == 1;
}

/* RFC 2818, 3.1: an address must stand in the certificate as an address. OpenSSL compares it while it verifies, and breaks off. */
static bool expect_address(struct tls_identity *identity)
{
    char text[INET6_ADDRSTRLEN];
    struct bytes name = bytes_of_str(identity->name);
    if (name.length > 1 && name.data[0] == '[') name = bytes_slice(name, 1, name.length - 2);
    if (!identity->verify || name.length == 0 || name.length >= sizeof text) return true;
    *ngx_cpymem(text, name.data, name.length) = 0;
    struct in6_addr address;
    identity->by_address = inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
    if (!identity->by_address) return true;
    SSL_CTX_set_verify(identity->ssl.ctx, SSL_VERIFY_PEER, NULL);
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(identity->ssl.ctx), text) == 1;
}

static bool prepare(struct tls_identity *identity, const struct backend *backend)
{
    identity->ssl.log = ngx_cycle->log;
    if (ngx_ssl_create(&identity->ssl, NGX_SSL_TLSv1_2 | NGX_SSL_TLSv1_3, NULL) != NGX_OK) return false;
    if (!trust(identity->ssl.ctx, backend) || !show_client(identity->ssl.ctx, identity->client)) return false;
    if (!expect_address(identity)) return false;
    return ngx_ssl_client_session_cache(NULL, &identity->ssl, 1) == NGX_OK;
}

static struct tls_identity *create(const struct backend *backend, const ngx_ssl_t *client)
{
    struct bytes name = name_without_port(backend->host);
    struct tls_identity *identity = ngx_calloc(sizeof *identity + name.length + backend->ca_certificates.length, ngx_cycle->log);
    if (identity == NULL) return NULL;
    struct buffer copies = buffer_over(identity + 1, name.length + backend->ca_certificates.length);
    buffer_add(&copies, name);
    buffer_add(&copies, backend->ca_certificates);
    identity->name = str_of_bytes(bytes_slice(buffer_bytes(&copies), 0, name.length));
    identity->ca_certificates = bytes_from(buffer_bytes(&copies), name.length);
    identity->verify = backend->verify_certificate;
    identity->client = client;
    if (prepare(identity, backend)) return identity;
    SSL_CTX_free(identity->ssl.ctx);
    ngx_free(identity);
    return NULL;
}

static struct tls_identity *no_identity(const struct backend *backend, ngx_log_t *log, const char *why)
{
    ngx_str_t host = str_of_bytes(backend->host);
    ngx_log_error(NGX_LOG_ERR, log, 0, "countersign: no TLS towards \"%V\": %s", &host, why);
    return NULL;
}

static const struct tls_client *client_of(const struct tls_client *clients, struct bytes host)
{
    while (clients != NULL && !bytes_equal_folded(bytes_of_str(clients->host), host)) clients = clients->next;
    return clients;
}

static const ngx_ssl_t *client_for(const struct backend *backend, const struct tls_client *clients)
{
    const struct tls_client *own = client_of(clients, name_without_port(backend->host));
    if (own == NULL) own = client_of(clients, BYTES(""));
    return own == NULL ? NULL : own->ssl;
}

struct tls_identity *tls_identity_get(const struct backend *backend, const struct tls_client *clients, ngx_log_t *log)
{
    const ngx_ssl_t *client = backend->client_certificate ? client_for(backend, clients) : NULL;
    if (backend->client_certificate && client == NULL)
        return no_identity(backend, log, "it wants a client certificate, and there is no \"countersign_client_certificate\" for it");
    if (identities.queue.next == NULL) {
        ngx_queue_init(&identities.queue); /* several statements */
    }
    struct tls_identity *identity = find(backend, client);
    if (identity != NULL) {
        ngx_queue_remove(&identity->queue);
    } else {
        identity = make_place() ? create(backend, client) : NULL;
        if (identity == NULL) return no_identity(backend, log, "its CA certificates cannot be used");
        identities.count++;
    }
    ngx_queue_insert_head(&identities.queue, &identity->queue);
    return tls_identity_share(identity);
}

struct tls_identity *tls_identity_share(struct tls_identity *identity)
{
    identity->users++;
    return identity;
}

void tls_identity_release(struct tls_identity *identity)
{
    identity->users--;
}

static void close_client(void *data)
{
    ngx_ssl_cleanup_ctx(data);
}

static ngx_ssl_t *read_client(ngx_conf_t *cf, ngx_str_t *file, ngx_str_t *key)
{
    ngx_ssl_t *client = ngx_pcalloc(cf->pool, sizeof *client);
    ngx_pool_cleanup_t *cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (client == NULL || cleanup == NULL) return NULL;
    client->log = cf->log;
    if (ngx_ssl_create(client, NGX_SSL_TLSv1_2 | NGX_SSL_TLSv1_3, NULL) != NGX_OK) return NULL;
    cleanup->handler = close_client;
    cleanup->data = client;
    return ngx_ssl_certificate(cf, client, file, key, NULL) == NGX_OK ? client : NULL;
}

/* Behind ngx_ssl_certificate, which has made the path whole. A key of an engine's, or one that stands in the directive, is no file. */
static bool others_may_read(const ngx_str_t *key)
{
    ngx_file_info_t info;
    return key->len > 0 && key->data[0] == '/' && ngx_file_info(key->data, &info) == 0 && (info.st_mode & S_IRWXO) != 0;
}

static char *add_client(ngx_conf_t *cf, struct gateway_server *server, ngx_ssl_t *ssl, ngx_str_t host)
{
    if (client_of(server->clients, bytes_of_str(host)) != NULL) return "has a certificate for this host already";
    struct tls_client *client = ngx_palloc(cf->pool, sizeof *client);
    if (client == NULL) return NGX_CONF_ERROR;
    *client = (struct tls_client){server->clients, host, ssl};
    server->clients = client;
    return NGX_CONF_OK;
}

char *tls_client_directive(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    (void)command;
    struct gateway_server *server = conf;
    ngx_str_t *arguments = cf->args->elts;
    ngx_ssl_t *ssl = read_client(cf, &arguments[1], &arguments[2]);
    if (ssl == NULL) return NGX_CONF_ERROR;
    if (others_may_read(&arguments[2])) return "names a key that others may read: its file wants mode 0600, or 0640";
    if (cf->args->nelts == 3) return add_client(cf, server, ssl, (ngx_str_t)ngx_null_string);
    for (ngx_uint_t i = 3; i < cf->args->nelts; i++) {
        char *problem = add_client(cf, server, ssl, arguments[i]);
        if (problem != NGX_CONF_OK) return problem;
    }
    return NGX_CONF_OK;
}

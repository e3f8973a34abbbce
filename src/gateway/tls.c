#include "gateway/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

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

static bool is_identity_of(const struct tls_identity *identity, const struct backend *backend)
{
    return identity->verify == backend->verify_certificate && bytes_equal(bytes_of_str(identity->name), name_without_port(backend->host)) &&
           bytes_equal(identity->ca_certificates, backend->ca_certificates);
}

static struct tls_identity *find(const struct backend *backend)
{
    for (ngx_queue_t *q = ngx_queue_head(&identities.queue); q != ngx_queue_sentinel(&identities.queue); q = ngx_queue_next(q)) {
        struct tls_identity *identity = ngx_queue_data(q, struct tls_identity, queue);
        if (is_identity_of(identity, backend)) return identity;
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

static bool prepare(struct tls_identity *identity, const struct backend *backend)
{
    identity->ssl.log = ngx_cycle->log;
    if (ngx_ssl_create(&identity->ssl, NGX_SSL_TLSv1_2 | NGX_SSL_TLSv1_3, NULL) != NGX_OK) return false;
    if (!trust(identity->ssl.ctx, backend)) return false;
    return ngx_ssl_client_session_cache(NULL, &identity->ssl, 1) == NGX_OK;
}

static struct tls_identity *create(const struct backend *backend)
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
    if (prepare(identity, backend)) return identity;
    SSL_CTX_free(identity->ssl.ctx);
    ngx_free(identity);
    return NULL;
}

struct tls_identity *tls_identity_get(const struct backend *backend, ngx_log_t *log)
{
    if (identities.queue.next == NULL) {
        ngx_queue_init(&identities.queue); /* several statements */
    }
    struct tls_identity *identity = find(backend);
    if (identity != NULL) {
        ngx_queue_remove(&identity->queue);
    } else {
        identity = make_place() ? create(backend) : NULL;
        if (identity == NULL) {
            ngx_str_t host = str_of_bytes(backend->host);
            ngx_log_error(NGX_LOG_ERR, log, 0, "countersign: no TLS towards \"%V\": its CA certificates cannot be used", &host);
            return NULL;
        }
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

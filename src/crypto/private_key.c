#include "crypto/private_key.h"

#include "crypto/digest.h"
#include "crypto/pkcs8.h"

#include <limits.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

struct private_key {
    EVP_PKEY *key;
    EVP_PKEY_CTX *context; /* ready to sign digests: making it so each time would cost a tenth of a P-256 signature */
    enum private_key_kind kind;
};

/* 0: a key that we do not sign or check with. */
static enum private_key_kind kind_of(const EVP_PKEY *key)
{
    char curve[32] = "";
    int bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return bits >= PRIVATE_KEY_MIN_BITS && bits <= PRIVATE_KEY_MAX_BITS ? PRIVATE_KEY_RSA : 0;
    case EVP_PKEY_EC:
        if (EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) != 1) return 0;
        return strcmp(curve, SN_X9_62_prime256v1) == 0 ? PRIVATE_KEY_P256 : 0;
    default:
        return 0;
    }
}

static EVP_PKEY_CTX *signing_prepare(EVP_PKEY *key, enum private_key_kind kind)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool ready = context != NULL && EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1;
    if (kind == PRIVATE_KEY_RSA) ready = ready && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    if (ready) return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

struct private_key *private_key_prepare(struct bytes der)
{
    struct private_key *key = OPENSSL_zalloc(sizeof *key);
    if (key == NULL) return NULL;
    key->key = pkcs8_prepare(der);
    if (key->key != NULL) key->kind = kind_of(key->key);
    if (key->kind != 0) key->context = signing_prepare(key->key, key->kind);
    if (key->context != NULL) return key;
    private_key_destroy(key);
    return NULL;
}

void private_key_destroy(struct private_key *key)
{
    if (key == NULL) return;
    EVP_PKEY_CTX_free(key->context);
    EVP_PKEY_free(key->key);
    OPENSSL_clear_free(key, sizeof *key);
}

enum private_key_kind private_key_kind(const struct private_key *key)
{
    return key->kind;
}

bool private_key_sign(struct private_key *key, struct bytes message, struct buffer *out)
{
    uint8_t signature[PRIVATE_KEY_MAX_SIGNATURE];
    size_t length = sizeof signature;
    struct digest_value digest = digest_of(DIGEST_SHA256, message);
    bool done = EVP_PKEY_sign(key->context, signature, &length, digest.data, digest.length) == 1;
    if (done) buffer_add(out, bytes_of(signature, length));
    return done && !out->overflow;
}

bool private_key_public(const struct private_key *key, struct buffer *out)
{
    int length = i2d_PUBKEY(key->key, NULL);
    unsigned char *to = length > 0 ? buffer_reserve(out, (size_t)length) : NULL;
    return to != NULL && i2d_PUBKEY(key->key, &to) == length;
}

struct public_key {
    EVP_PKEY *key;
    EVP_MD_CTX *context;
    enum private_key_kind kind;
};

struct public_key *public_key_prepare(struct bytes spki)
{
    const unsigned char *at = spki.data;
    struct public_key *key = OPENSSL_zalloc(sizeof *key);
    if (key == NULL) return NULL;
    if (spki.length > 0 && spki.length <= LONG_MAX) key->key = d2i_PUBKEY(NULL, &at, (long)spki.length);
    key->context = EVP_MD_CTX_new();
    if (key->key != NULL && at == spki.data + spki.length) key->kind = kind_of(key->key);
    if (key->context != NULL && key->kind != 0) return key;
    public_key_destroy(key);
    return NULL;
}

void public_key_destroy(struct public_key *key)
{
    if (key == NULL) return;
    EVP_MD_CTX_free(key->context);
    EVP_PKEY_free(key->key);
    OPENSSL_free(key);
}

enum private_key_kind public_key_kind(const struct public_key *key)
{
    return key->kind;
}

bool public_key_verify(struct public_key *key, struct bytes message, struct bytes signature)
{
    return EVP_DigestVerifyInit(key->context, NULL, EVP_sha256(), NULL, key->key) == 1 &&
           EVP_DigestVerify(key->context, signature.data, signature.length, message.data, message.length) == 1;
}

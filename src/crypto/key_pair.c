#include "crypto/key_pair.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static bool write_public(const EVP_PKEY *key, struct buffer *out)
{
    int length = i2d_PUBKEY(key, NULL);
    unsigned char *to = length > 0 ? buffer_reserve(out, (size_t)length) : NULL;
    return to != NULL && i2d_PUBKEY(key, &to) == length;
}

static bool write_private(const EVP_PKEY *key, struct buffer *out)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int length = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, NULL) : 0;
    unsigned char *to = length > 0 ? buffer_reserve(out, (size_t)length) : NULL;
    bool done = to != NULL && i2d_PKCS8_PRIV_KEY_INFO(info, &to) == length;
    PKCS8_PRIV_KEY_INFO_free(info);
    return done;
}

bool key_pair_generate(struct buffer *public_key, struct buffer *private_key)
{
    EVP_PKEY *key = EVP_RSA_gen(KEY_PAIR_BITS);
    bool done = key != NULL && write_public(key, public_key) && write_private(key, private_key);
    EVP_PKEY_free(key);
    return done;
}

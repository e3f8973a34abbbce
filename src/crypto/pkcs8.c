#include "crypto/pkcs8.h"

#include <limits.h>
#include <openssl/x509.h>

/* The whole text is one key: what stands behind it could hide anything. */
EVP_PKEY *pkcs8_prepare(struct bytes der)
{
    const unsigned char *at = der.data;
    if (der.length == 0 || der.length > LONG_MAX) return NULL;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.length);
    EVP_PKEY *key = info != NULL && at == der.data + der.length ? EVP_PKCS82PKEY(info) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

#include "crypto/secret.h"

#include <openssl/crypto.h>

bool secret_equal(struct bytes a, struct bytes b)
{
    if (a.length != b.length || a.length == 0) return false;
    return CRYPTO_memcmp(a.data, b.data, a.length) == 0;
}

void secret_wipe(void *data, size_t length)
{
    if (length > 0) OPENSSL_cleanse(data, length);
}

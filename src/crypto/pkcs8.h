/* Private keys as PKCS#8 (RFC 5208) in DER, for the files of this folder that sign with them. */
#ifndef COUNTERSIGN_CRYPTO_PKCS8_H
#define COUNTERSIGN_CRYPTO_PKCS8_H

#include "base/bytes.h"

#include <openssl/evp.h>

/* NULL: the text is not exactly one key, or out of memory. */
EVP_PKEY *pkcs8_prepare(struct bytes der);

#endif

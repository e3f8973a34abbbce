/* Making key pairs. Draws randomness, so it is not part of the pure library (libcountersign); private_key.h is what uses them. */
#ifndef COUNTERSIGN_CRYPTO_KEY_PAIR_H
#define COUNTERSIGN_CRYPTO_KEY_PAIR_H

#include "base/buffer.h"

#define KEY_PAIR_BITS 2048
/* Room that is enough for either half. */
#define KEY_PAIR_MAX 2048

/* An RSA key pair: appends SubjectPublicKeyInfo and PKCS#8, both DER. Takes a second at worst. False: no randomness, or overflow. */
bool key_pair_generate(struct buffer *public_key, struct buffer *private_key) __attribute__((warn_unused_result));

#endif

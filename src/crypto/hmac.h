/* HMAC (RFC 2104) with MD5's successors only: SHA-1 (aliyun-ca's HmacSHA1) and SHA-256. Any other kind gives a MAC of length 0, which
 * secret_equal refuses. */
#ifndef COUNTERSIGN_CRYPTO_HMAC_H
#define COUNTERSIGN_CRYPTO_HMAC_H

#include "crypto/digest.h"

/* A key made ready: inner and outer states. As secret as the key; wipe with secret_wipe. */
struct hmac_key {
    struct digest inner;
    struct digest outer;
};

void hmac_prepare(struct hmac_key *key, enum digest_kind kind, struct bytes secret);
struct digest_value hmac_with(const struct hmac_key *key, struct bytes message);
/* prepare + with + wipe, for a key that is used once. */
struct digest_value hmac_of(enum digest_kind kind, struct bytes secret, struct bytes message);

#endif

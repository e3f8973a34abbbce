/* HMAC (RFC 2104) with MD5's successors only: SHA-1 (aliyun-ca's HmacSHA1), SHA-256 and SM3. Any other kind gives a MAC of length 0, which
 * secret_equal refuses. */
#ifndef COUNTERSIGN_CRYPTO_HMAC_H
#define COUNTERSIGN_CRYPTO_HMAC_H

#include "crypto/digest.h"

/* A key made ready: the chaining values behind the first block, inner and outer. Small, so that many fit into the cache beside what they
 * belong to. As secret as the key; wipe with secret_wipe. */
struct hmac_key {
    uint32_t inner[DIGEST_STATE_WORDS];
    uint32_t outer[DIGEST_STATE_WORDS];
    enum digest_kind kind;
};

/* A secret by its bytes and, where somebody keeps it, ready for HMAC-SHA256. */
struct hmac_secret {
    struct bytes text;
    const struct hmac_key *ready; /* NULL: not at hand */
};

void hmac_prepare(struct hmac_key *key, enum digest_kind kind, struct bytes secret);
struct digest_value hmac_with(const struct hmac_key *key, struct bytes message);
/* prepare + with + wipe, for a key that is used once. */
struct digest_value hmac_of(enum digest_kind kind, struct bytes secret, struct bytes message);
/* The same, with what is ready if it is for this kind. */
struct digest_value hmac_by(enum digest_kind kind, const struct hmac_secret *secret, struct bytes message);

#endif

/* Sealing of recoverable secrets with AES-256-GCM (NIST SP 800-38D).
 * Sealed form: version (1 byte, 1) | key id (4, big-endian) | nonce (12) | ciphertext | tag (16).
 * The additional data binds a sealed secret to its place (instance, object, field, revision): moved elsewhere it does not open. */
#ifndef COUNTERSIGN_CRYPTO_SEAL_H
#define COUNTERSIGN_CRYPTO_SEAL_H

#include "base/buffer.h"

#define SEAL_KEY_SIZE   32
#define SEAL_NONCE_SIZE 12
#define SEAL_OVERHEAD   (1 + 4 + SEAL_NONCE_SIZE + 16)
#define SEAL_OTHER_KEYS 2

/* A keyed AES context. Made once by seal_prepare (allocates, through OpenSSL); used by one thread at a time. */
struct seal;

struct seal *seal_prepare(const uint8_t key[static SEAL_KEY_SIZE], uint32_t key_id); /* NULL: out of memory */
/* While keys are changed: what is sealed by this key opens, too; nothing is sealed by it. False: out of memory, or more than
 * SEAL_OTHER_KEYS; `seal` is to be destroyed then. */
bool seal_other_prepare(struct seal *seal, const uint8_t key[static SEAL_KEY_SIZE], uint32_t key_id) __attribute__((warn_unused_result));
void seal_destroy(struct seal *seal); /* wipes; NULL is fine */

/* `nonce` (SEAL_NONCE_SIZE bytes) must never repeat under one key: take it from random_bytes. `binding` is the additional data. False on
 * overflow of `out`, a nonce of the wrong size, or a failure of OpenSSL. */
bool seal_close(struct seal *seal, struct bytes nonce, struct bytes binding, struct bytes secret, struct buffer *out)
    __attribute__((warn_unused_result));
/* False when it was not sealed by this key, not for this place, or was changed, or when `out` overflows;
 * nothing of it is then in `out`. Allocates nothing. */
bool seal_open(struct seal *seal, struct bytes binding, struct bytes sealed, struct buffer *out) __attribute__((warn_unused_result));

/* The key id a sealed secret names; false when it is no sealed secret. */
bool seal_key_id(struct bytes sealed, uint32_t *key_id);

#endif

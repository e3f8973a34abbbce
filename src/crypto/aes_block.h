/* One block of AES (FIPS 197), for a key that is used again and again. OpenSSL's own way to a single block costs several times what the
 * block does, so where the processor has instructions for AES, whose time depends on no secret, they are used at once; elsewhere it is
 * OpenSSL, as constant in time as OpenSSL is there. */
#ifndef COUNTERSIGN_CRYPTO_AES_BLOCK_H
#define COUNTERSIGN_CRYPTO_AES_BLOCK_H

#include <openssl/types.h>

#include "base/bytes.h"

#define AES_BLOCK      16
#define AES_SHORT_KEY  16 /* AES-128 */
#define AES_LONG_KEY   32 /* AES-256 */
#define AES_MAX_ROUNDS 14

struct aes_block {
    uint8_t round_keys[AES_MAX_ROUNDS + 1][AES_BLOCK] __attribute__((aligned(16)));
    unsigned rounds;         /* 0: OpenSSL encrypts */
    EVP_CIPHER_CTX *openssl; /* of one length of keys */
};

/* For keys of `length` bytes. Allocates; false: no memory, or another length. aes_block_destroy follows in any case, and wipes. */
bool aes_block_prepare(struct aes_block *aes, size_t length) __attribute__((warn_unused_result));
void aes_block_destroy(struct aes_block *aes);

/* The key from now on, of the length prepared for. False: OpenSSL failed. */
bool aes_block_set_key(struct aes_block *aes, struct bytes key) __attribute__((warn_unused_result));
/* `to` and `block` are AES_BLOCK long and may be the same. False: OpenSSL failed. */
bool aes_block_encrypt(const struct aes_block *aes, const uint8_t *block, uint8_t *to) __attribute__((warn_unused_result));

#endif

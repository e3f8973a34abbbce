/* Scalar keys made ready, kept by their user (a worker): making one costs as much as a check by it. Bounded; public points only, filed
 * under a digest of their number, so a key pair with another secret has another one: nothing has to be taken back. */
#ifndef COUNTERSIGN_CRYPTO_SCALAR_KEYS_H
#define COUNTERSIGN_CRYPTO_SCALAR_KEYS_H

#include "crypto/digest.h"
#include "crypto/scalar_key.h"

#define SCALAR_KEY_SETS 64 /* a power of two */
#define SCALAR_KEY_WAYS 4

struct scalar_kept_key {
    struct digest_value id;
    struct scalar_key *key; /* NULL: free */
    uint64_t used;
};

/* Zeroed at first; used by one thread at a time. */
struct scalar_keys {
    struct scalar_kept_key kept[SCALAR_KEY_SETS][SCALAR_KEY_WAYS];
    uint64_t uses;
};

/* Is it a signature, by the key of this number, of one of the messages? A key is kept once a signature held, in place of the one that was
 * used the longest ago; so whoever cannot sign pushes nobody out. A signature that does not hold takes the same time, one key made and one
 * check, whether the key was kept or not. `keys` may be NULL: nothing is kept. Allocates, through OpenSSL, when the key is not kept. */
bool scalar_keys_check(struct scalar_keys *keys, enum scalar_curve curve, const uint8_t scalar[static SCALAR_SIZE],
                       const struct scalar_question *question) __attribute__((warn_unused_result));
void scalar_keys_destroy(struct scalar_keys *keys);

#endif

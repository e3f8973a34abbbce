/* Message digests, held by value so that the hot path neither allocates nor fetches (docs/decisions: low-level SHA). */
#ifndef COUNTERSIGN_CRYPTO_DIGEST_H
#define COUNTERSIGN_CRYPTO_DIGEST_H

#include "base/bytes.h"

enum digest_kind { DIGEST_NONE, DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256 };

#define DIGEST_MAX_SIZE 32

/* A running digest; copy it by assignment to branch. Holds no pointer. */
struct digest {
    enum digest_kind kind;
    _Alignas(8) uint8_t state[128];
};

/* The bytes of a finished digest. */
struct digest_value {
    uint8_t data[DIGEST_MAX_SIZE];
    uint8_t length;
};

size_t digest_size(enum digest_kind kind);
void digest_start(struct digest *digest, enum digest_kind kind);
void digest_add(struct digest *digest, struct bytes bytes);
struct digest_value digest_finish(struct digest *digest);
struct digest_value digest_of(enum digest_kind kind, struct bytes bytes);
struct bytes digest_bytes(const struct digest_value *value); /* borrowed from *value */

#endif

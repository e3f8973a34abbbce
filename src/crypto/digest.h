/* Message digests, held by value so that the hot path neither allocates nor fetches (docs/decisions: low-level SHA). */
#ifndef COUNTERSIGN_CRYPTO_DIGEST_H
#define COUNTERSIGN_CRYPTO_DIGEST_H

#include "base/bytes.h"

enum digest_kind { DIGEST_NONE, DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SM3 };

#define DIGEST_SHORT_MESSAGE 512 /* bytes; longer ones gain from OpenSSL's run over many blocks */
#define DIGEST_MAX_SIZE      32

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

#define DIGEST_STATE_WORDS 8 /* of SHA-256; SHA-1 has five */
/* The chaining value behind one whole block (64 bytes) of SHA-1, SHA-256 or SM3: for keys that begin every message. */
void digest_first_block(uint32_t state[DIGEST_STATE_WORDS], enum digest_kind kind, const uint8_t block[64]);
/* SHA-256 of a message that began with that block. For short ones: it copies nothing but the end. */
struct digest_value digest_sha256_behind(const uint32_t state[DIGEST_STATE_WORDS], struct bytes message);
/* A running digest that has taken that block in. */
void digest_go_on(struct digest *digest, enum digest_kind kind, const uint32_t state[DIGEST_STATE_WORDS]);

struct bytes digest_bytes(const struct digest_value *value); /* borrowed from *value */

#endif

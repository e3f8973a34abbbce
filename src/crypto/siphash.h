/* SipHash-2-4 with 128 bits of result: a short keyed hash for tables whose slots nobody may choose. Not for signatures. */
#ifndef COUNTERSIGN_CRYPTO_SIPHASH_H
#define COUNTERSIGN_CRYPTO_SIPHASH_H

#include "base/bytes.h"

#define SIPHASH_KEY_SIZE 16

struct siphash_key {
    uint64_t words[2];
};

struct siphash_value {
    uint64_t words[2];
};

struct siphash_key siphash_key_of(const uint8_t bytes[static SIPHASH_KEY_SIZE]);
/* Of all parts, each with its length, so that no other cut of the same bytes gives the same value. */
struct siphash_value siphash_of_parts(const struct siphash_key *key, const struct bytes *parts, size_t count);
/* Of these bytes alone, as published. */
struct siphash_value siphash_of(const struct siphash_key *key, struct bytes bytes);

#endif

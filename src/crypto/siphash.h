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

/* Some way into a text. */
struct siphash_state {
    uint64_t v0, v1, v2, v3;
    uint64_t word; /* bytes that wait until there are eight */
    uint64_t length;
};

struct siphash_key siphash_key_of(const uint8_t bytes[static SIPHASH_KEY_SIZE]);
/* Of all parts, each with its length, so that no other cut of the same bytes gives the same value. */
struct siphash_value siphash_of_parts(const struct siphash_key *key, const struct bytes *parts, size_t count);
/* The same in two steps, for many that begin alike: the value is that of siphash_of_parts of the parts that it begins with and the last. */
struct siphash_state siphash_begin(const struct siphash_key *key, const struct bytes *parts, size_t count);
struct siphash_value siphash_end(const struct siphash_state *begun, struct bytes last);
/* Of these bytes alone, as published. */
struct siphash_value siphash_of(const struct siphash_key *key, struct bytes bytes);

#endif

/* A quick hash for tables in memory. With a seed that nobody else knows, keys that share a place cannot be chosen; it proves nothing. */
#ifndef COUNTERSIGN_BASE_HASH_H
#define COUNTERSIGN_BASE_HASH_H

#include "base/bytes.h"

uint64_t hash_of(uint64_t seed, struct bytes bytes);

#endif

#include "base/hash.h"

#include "base/eights.h"

#define MIX_A 0x9e3779b97f4a7c15ull
#define MIX_B 0xd6e8feb86659fd93ull

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Multiply and fold, sixteen bytes at a time. */
uint64_t hash_of(uint64_t seed, struct bytes bytes)
{
    uint64_t hash = seed ^ bytes.length * MIX_A;
    const uint8_t *at = bytes.data;
    size_t left = bytes.length;
    for (; left > 16; at += 16, left -= 16) hash = mix(eight_at(at) ^ hash, eight_at(at + 8) ^ MIX_B);
    uint64_t low = left >= 8 ? eight_at(at) : 0, high = left > 0 ? eight_last(at, left) : 0;
    return mix(mix(low ^ hash, high ^ MIX_B), seed | 1);
}

#include "edge/look_ups.h"

#include "base/eights.h"

#include <string.h>

#define MIX_A 0x9e3779b97f4a7c15ull
#define MIX_B 0xd6e8feb86659fd93ull

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Multiply and fold, sixteen bytes at a time: keys have some hundred bytes, and the table only needs an even spread. */
uint64_t look_up_hash(uint64_t seed, struct bytes key)
{
    uint64_t hash = seed ^ key.length * MIX_A;
    const uint8_t *at = key.data;
    size_t left = key.length;
    for (; left > 16; at += 16, left -= 16) hash = mix(eight_at(at) ^ hash, eight_at(at + 8) ^ MIX_B);
    uint64_t low = left >= 8 ? eight_at(at) : 0, high = left > 0 ? eight_last(at, left) : 0;
    return mix(mix(low ^ hash, high ^ MIX_B), seed | 1);
}

static size_t set_of(uint64_t hash)
{
    return (size_t)(hash >> 32) & (LOOK_UP_SETS - 1);
}

static bool is_key(const struct look_up *look_up, struct bytes key)
{
    return bytes_equal(bytes_of(look_up->key, look_up->key_length), key);
}

const struct bytes *look_ups_find(const struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction)
{
    const struct look_up_set *set = &look_ups->sets[set_of(hash)];
    for (size_t way = 0; way < LOOK_UP_WAYS; way++) {
        if (set->hash[way] != hash || set->stamp[way] != transaction + 1) continue;
        const struct look_up *look_up = &look_ups->kept[set_of(hash)][way];
        if (is_key(look_up, key)) return &look_up->value;
    }
    return NULL;
}

/* A place in the set: of the same key or of an older transaction first, else one that the hash picks. */
static size_t place_in(const struct look_up_set *set, uint64_t hash, uint64_t transaction)
{
    for (size_t way = 0; way < LOOK_UP_WAYS; way++) {
        if (set->hash[way] == hash || set->stamp[way] != transaction + 1) return way;
    }
    return (size_t)hash % LOOK_UP_WAYS;
}

void look_ups_keep(struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction, struct bytes value)
{
    struct look_up_set *set = &look_ups->sets[set_of(hash)];
    if (key.length > LOOK_UP_KEY_MAX) return;
    size_t way = place_in(set, hash, transaction);
    struct look_up *look_up = &look_ups->kept[set_of(hash)][way];
    set->hash[way] = hash;
    set->stamp[way] = transaction + 1;
    look_up->value = value;
    look_up->key_length = key.length;
    memcpy(look_up->key, key.data, key.length);
}

void look_ups_forget(struct look_ups *look_ups)
{
    memset(look_ups->sets, 0, sizeof look_ups->sets);
}

#include "edge/look_ups.h"

#include "base/hash.h"

#include <string.h>

uint64_t look_up_hash(uint64_t seed, struct bytes key)
{
    return hash_of(seed, key);
}

static size_t set_of(uint64_t hash)
{
    return (size_t)(hash >> 32) & (LOOK_UP_SETS - 1);
}

/* Of two that share a set one is fetched, mostly the right one. */
void look_ups_fetch(const struct look_ups *look_ups, uint64_t hash)
{
    const uint8_t *copy = look_ups->copies[set_of(hash)][0];
    __builtin_prefetch(look_ups->kept[set_of(hash)]);
    for (size_t line = 0; line < LOOK_UP_NEAR; line += 64) __builtin_prefetch(copy + line);
}

struct look_up *look_ups_find(struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction)
{
    struct look_up *set = look_ups->kept[set_of(hash)];
    for (size_t way = 0; way < LOOK_UP_WAYS; way++) {
        if (set[way].hash != hash || set[way].stamp != transaction + 1) continue;
        if (bytes_equal(bytes_of(set[way].key, set[way].key_length), key)) return &set[way];
    }
    return NULL;
}

/* A place in the set: of the same hash or of an older transaction first, else one that the hash picks. */
static struct look_up *place_in(struct look_up *set, uint64_t hash, uint64_t transaction)
{
    for (size_t way = 0; way < LOOK_UP_WAYS; way++) {
        if (set[way].hash == hash || set[way].stamp != transaction + 1) return &set[way];
    }
    return &set[(size_t)hash % LOOK_UP_WAYS];
}

static void copy_near(struct look_ups *look_ups, struct look_up *place, struct bytes key, struct bytes value)
{
    uint8_t *copy = look_ups->copies[0][0] + (size_t)(place - look_ups->kept[0]) * LOOK_UP_NEAR;
    if (key.length > LOOK_UP_NEAR || value.length > LOOK_UP_NEAR - key.length) return;
    memcpy(copy, key.data, key.length);
    memcpy(copy + key.length, value.data, value.length);
    place->key = copy;
    place->near = copy + key.length;
}

struct look_up *look_ups_keep(struct look_ups *look_ups, struct bytes key, uint64_t hash, uint64_t transaction, struct bytes value)
{
    struct look_up *place = place_in(look_ups->kept[set_of(hash)], hash, transaction);
    *place = (struct look_up){.hash = hash,
                              .stamp = transaction + 1,
                              .key = key.data,
                              .value = value.data,
                              .near = value.data,
                              .key_length = (uint32_t)key.length,
                              .value_length = (uint32_t)value.length};
    copy_near(look_ups, place, key, value);
    return place;
}

void look_ups_forget(struct look_ups *look_ups)
{
    memset(look_ups->kept, 0, sizeof look_ups->kept);
}

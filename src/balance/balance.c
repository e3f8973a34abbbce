#include "balance/balance.h"

_Static_assert(EDGE_MAX_ADDRESSES <= sizeof(unsigned) * 8, "a bit for each address");

/* Multiples of the golden ratio fall evenly into shares of any size, also over a few requests. */
static size_t first_by_weight(const struct edge_addresses *addresses, size_t turn)
{
    uint64_t total = 0;
    for (size_t i = 0; i < addresses->count; i++) total += addresses->items[i].weight;
    uint64_t point = (uint32_t)(turn * 2654435769u) * total >> 32;
    size_t i = 0;
    while (point >= addresses->items[i].weight) point -= addresses->items[i++].weight;
    return i;
}

size_t balance_first(const struct edge_addresses *addresses, size_t turn)
{
    if (addresses->count <= 1) return 0;
    return addresses->items[0].weight == 0 ? turn % addresses->count : first_by_weight(addresses, turn);
}

static bool was_tried(const struct balance_round *round, size_t index)
{
    return (round->tried >> index & 1) != 0;
}

static size_t take(struct balance_round *round, size_t index)
{
    round->next = index + 1;
    round->tried |= 1u << index;
    return index;
}

size_t balance_next(struct balance_round *round, size_t count, balance_is_up is_up, void *context)
{
    size_t first = count;
    if (balance_untried(round, count) == 0) round->tried = 0;
    for (size_t i = 0; i < count; i++) {
        size_t index = (round->next + i) % count;
        if (was_tried(round, index)) continue;
        if (count == 1 || is_up(context, index)) return take(round, index);
        if (first == count) first = index;
    }
    return take(round, first);
}

size_t balance_untried(const struct balance_round *round, size_t count)
{
    return count - (size_t)__builtin_popcount(round->tried);
}

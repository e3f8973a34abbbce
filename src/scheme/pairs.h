/* Names with values that a scheme signs in order: query and form parameters, header lines. Shared by the signature schemes. */
#ifndef COUNTERSIGN_SCHEME_PAIRS_H
#define COUNTERSIGN_SCHEME_PAIRS_H

#include "base/arena.h"
#include "http/request.h"

/* More parameters than this in one request are refused as too complex: it bounds the work that a stranger can ask for. */
#define PAIRS_MAX 2048

struct pair {
    struct bytes name;
    struct bytes value;
};

struct pairs {
    struct pair *items;
    size_t count;
    size_t capacity;
};

/* Room for every item of the query and form texts; false when the arena is full or there are more than PAIRS_MAX. */
bool pairs_room(struct pairs *pairs, struct arena *arena, struct bytes query, struct bytes form);
/* Percent-decoded; borrowed when there is nothing to decode. False when the arena is full or an escape is broken. */
bool pairs_decode(struct arena *arena, struct bytes raw, bool plus_is_space, struct bytes *decoded);
/* By name, then by value; bytes in ascending order. False when the arena is full. */
bool pairs_sort(struct pairs *pairs, struct arena *arena);
/* By name only: pairs of one name keep their order. False when the arena is full. */
bool pairs_sort_by_name(struct pairs *pairs, struct arena *arena);
bool pairs_are_sorted(const struct pairs *pairs);

#endif

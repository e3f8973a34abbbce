/* A naive matcher to compare the trie with: looks at every route, and keeps the best by the rule as it is written. */
#ifndef COUNTERSIGN_TEST_EDGE_ROUTES_H
#define COUNTERSIGN_TEST_EDGE_ROUTES_H

#include "edge/route.h"

/* How well one segment of a route fits: static 3, {param} 2. A route's rank is the list of these, compared from the left, then how it ends.
 */
struct naive_rank {
    uint8_t marks[ROUTE_MAX_SEGMENTS + 2];
    size_t count;
};

static inline bool naive_is_param(struct bytes segment)
{
    return segment.length && segment.data[0] == '{';
}

static inline bool naive_is_dot(struct bytes segment)
{
    return bytes_equal(segment, BYTES(".")) || bytes_equal_folded(segment, BYTES("%2e"));
}

/* Walks route and path side by side. Ends: exact 3, prefix that wants a '/' 2, prefix 1. */
static inline bool naive_fits(const struct route_entry *entry, struct bytes path, struct naive_rank *rank, struct bytes *rest)
{
    struct bytes route = entry->path;
    rank->count = 0;
    while (route.length) {
        struct bytes wanted = bytes_slice(route, 1, bytes_find(bytes_from(route, 1), '/'));
        route = bytes_from(route, 1 + wanted.length);
        if (!path.length) return false;
        if (entry->prefix && !wanted.length && !route.length) {
            rank->marks[rank->count++] = 1;
            *rest = path;
            return !route_climbs(path);
        }
        struct bytes given = bytes_slice(path, 1, bytes_find(bytes_from(path, 1), '/'));
        path = bytes_from(path, 1 + given.length);
        bool param = naive_is_param(wanted);
        if (param && (!given.length || naive_is_dot(given) || route_climbs(given))) return false;
        if (!param && !bytes_equal(wanted, given)) return false;
        rank->marks[rank->count++] = param ? 2 : 3;
    }
    *rest = path;
    rank->marks[rank->count++] = 0;
    return entry->prefix ? !route_climbs(path) : !path.length;
}

/* Left to right, static before {param} before an end; of two that end at the same place the exact one, then the exact method. */
static inline int naive_compare(const struct route_entry *a, const struct naive_rank *ra, const struct route_entry *b,
                                const struct naive_rank *rb)
{
    for (size_t i = 0; i < ra->count && i < rb->count; i++) {
        if (ra->marks[i] != rb->marks[i]) return ra->marks[i] - rb->marks[i];
    }
    if (a->prefix != b->prefix) return b->prefix - a->prefix;
    return (int)bytes_equal(b->method, BYTES("ANY")) - (int)bytes_equal(a->method, BYTES("ANY"));
}

static inline const struct route_entry *naive_match(const struct route_table *table, struct bytes method, struct bytes path,
                                                    struct bytes *rest)
{
    struct naive_rank best_rank, rank;
    const struct route_entry *best = NULL;
    struct bytes left;
    bool known = !bytes_equal(method, BYTES("ANY"));
    if (!path.length || path.data[0] != '/') return NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct route_entry *entry = &table->entries[i];
        if (!bytes_equal(entry->method, BYTES("ANY")) && !(known && bytes_equal(entry->method, method))) continue;
        if (!naive_fits(entry, path, &rank, &left)) continue;
        if (best && naive_compare(entry, &rank, best, &best_rank) <= 0) continue;
        best = entry;
        best_rank = rank;
        *rest = left;
    }
    return best;
}

#endif

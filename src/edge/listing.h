/* Going through the whole edge, for people: `countersign edge show`. */
#ifndef COUNTERSIGN_EDGE_LISTING_H
#define COUNTERSIGN_EDGE_LISTING_H

#include "edge/reader.h"

#define EDGE_MAX_PARTS 5

struct edge_entry {
    const char *kind;                   /* "host", "key_pair" …: the words of edge_kind_named */
    struct bytes parts[EDGE_MAX_PARTS]; /* of the key, in the order of edge.h */
    size_t part_count;
    struct bytes value; /* the record, secrets sealed */
};

/* Between edge_begin and edge_end, in the order of keys. `only` NULL: all kinds; an unknown one finds nothing. Stops when `each` gives
 * false. Borrowed from the map. */
typedef bool (*edge_each)(void *context, const struct edge_entry *entry);
enum edge_result edge_list(struct edge_reader *reader, const char *only, edge_each each, void *context);

/* Is there such a kind? */
bool edge_kind_is_known(const char *kind);

/* One JSON object on one line, without its line end: never a secret in clear, only "sealed, N bytes". A record that does not decode is
 * shown as {"kind":…,"damaged":N}. */
void edge_describe(struct buffer *out, const struct edge_entry *entry);

#endif

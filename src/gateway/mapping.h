/* Backend parameters at the gateway: values found in the request or known here, and where they go. */
#ifndef COUNTERSIGN_GATEWAY_MAPPING_H
#define COUNTERSIGN_GATEWAY_MAPPING_H

#include "gateway/headers.h"
#include "policy/mapping.h"

struct mapping_value {
    struct mapping_item item;
    struct bytes text; /* as it is written: encoded in a query, plain in a header */
    bool present;
};
struct mapping {
    struct mapping_value *values;
    size_t count;
    bool unfit; /* a value that no header can hold: the caller's fault */
};

/* Bytes of arena for everything below, and for what grows with it (target, signature); 0 for an API without a mapping. */
size_t mapping_room(const struct gateway_context *context);
/* Finds all values. False: the arena is full, or a value is unfit. */
bool mapping_resolve(struct gateway_context *context, struct mapping *mapping);
/* Is a pair of the caller's query, by its raw name, replaced or moved away? */
bool mapping_takes_query(const struct mapping *mapping, struct bytes raw_name);
/* The same for one of his headers, of whatever spelling. */
bool mapping_takes_header(struct bytes text, struct bytes name);
/* Writes name=value of all that go into the query, '?' or '&' before each. */
void mapping_add_query(const struct mapping *mapping, struct buffer *out, uint8_t separator);
bool mapping_add_headers(const struct mapping *mapping, struct outgoing *outgoing);

#endif

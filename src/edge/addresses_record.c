#include "edge/record.h"

#include <string.h>

static size_t ip_size(bool v6)
{
    return v6 ? 16 : 4;
}

void addresses_encode(struct buffer *out, const struct edge_addresses *addresses)
{
    record_start(out);
    if (addresses->count > EDGE_MAX_ADDRESSES) out->overflow = true;
    buffer_add_byte(out, (uint8_t)addresses->count);
    for (size_t i = 0; i < addresses->count && !out->overflow; i++) {
        const struct edge_address *address = &addresses->items[i];
        buffer_add_byte(out, address->v6);
        buffer_add_u16(out, address->port);
        buffer_add(out, bytes_of(address->ip, ip_size(address->v6)));
    }
}

bool addresses_decode(struct bytes value, struct edge_addresses *addresses)
{
    struct record record = record_over(value);
    *addresses = (struct edge_addresses){0};
    size_t count = (size_t)record_choice(&record, 0, EDGE_MAX_ADDRESSES);
    for (size_t i = 0; i < count; i++) {
        struct edge_address *address = &addresses->items[i];
        address->v6 = record_flag(&record);
        address->port = record_u16(&record);
        for (size_t j = 0; j < ip_size(address->v6); j++) address->ip[j] = record_u8(&record);
    }
    addresses->count = count;
    return record_is_whole(&record);
}

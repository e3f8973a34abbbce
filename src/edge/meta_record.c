#include "edge/record.h"

void meta_encode(struct buffer *out, const struct edge_meta *meta)
{
    record_start(out);
    buffer_add_u32(out, meta->format);
    buffer_add_u64(out, meta->revision);
    record_add_bytes(out, meta->store_id);
    record_add_bytes(out, meta->boot_id);
    buffer_add_u32(out, meta->node_key_id);
}

bool meta_decode(struct bytes value, struct edge_meta *meta)
{
    struct record record = record_over(value);
    *meta = (struct edge_meta){0};
    meta->format = record_u32(&record);
    meta->revision = record_u64(&record);
    meta->store_id = record_bytes(&record);
    meta->boot_id = record_bytes(&record);
    meta->node_key_id = record_u32(&record);
    return record_is_whole(&record);
}

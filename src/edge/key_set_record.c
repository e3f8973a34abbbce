#include "edge/record.h"

void key_set_encode(struct buffer *out, const struct edge_key_set *set)
{
    record_start(out);
    buffer_add_u64(out, set->revision);
    buffer_add_byte(out, set->secret);
    record_add_long_bytes(out, set->text);
}

bool key_set_decode(struct bytes value, struct edge_key_set *set)
{
    struct record record = record_over(value);
    set->revision = record_u64(&record);
    set->secret = record_flag(&record);
    set->text = record_long_bytes(&record);
    return record_is_whole(&record);
}

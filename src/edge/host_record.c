#include "edge/record.h"

void host_encode(struct buffer *out, struct bytes group_id)
{
    record_start(out);
    record_add_bytes(out, group_id);
}

bool host_decode(struct bytes value, struct bytes *group_id)
{
    struct record record = record_over(value);
    *group_id = record_bytes(&record);
    return record_is_whole(&record);
}

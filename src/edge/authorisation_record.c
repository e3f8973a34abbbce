#include "edge/record.h"

void authorisation_encode(struct buffer *out, int64_t not_after)
{
    record_start(out);
    buffer_add_u64(out, (uint64_t)not_after);
}

bool authorisation_decode(struct bytes value, int64_t *not_after)
{
    struct record record = record_over(value);
    *not_after = record_i64(&record);
    return record_is_whole(&record);
}

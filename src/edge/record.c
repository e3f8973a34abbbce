#include "edge/record.h"

void record_start(struct buffer *out)
{
    buffer_add_byte(out, RECORD_VERSION);
}

void record_add_bytes(struct buffer *out, struct bytes bytes)
{
    if (bytes.length > UINT16_MAX) {
        out->overflow = true;
        return;
    }
    buffer_add_u16(out, (uint16_t)bytes.length);
    buffer_add(out, bytes);
}

void record_add_long_bytes(struct buffer *out, struct bytes bytes)
{
    if (bytes.length > UINT32_MAX) {
        out->overflow = true;
        return;
    }
    buffer_add_u32(out, (uint32_t)bytes.length);
    buffer_add(out, bytes);
}

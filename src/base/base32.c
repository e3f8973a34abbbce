#include "base/text.h"

void base32_encode(struct buffer *out, struct bytes bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t held = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        held = (held << 8 | bytes.data[i]) & 0xfff;
        for (bits += 8; bits >= 5; bits -= 5) buffer_add_byte(out, (uint8_t)alphabet[held >> (bits - 5) & 31]);
    }
    if (bits > 0) buffer_add_byte(out, (uint8_t)alphabet[held << (5 - bits) & 31]);
}

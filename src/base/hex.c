#include "base/digits.h"
#include "base/text.h"

void hex_encode(struct buffer *out, struct bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *to = bytes.length > SIZE_MAX / 2 ? buffer_reserve(out, SIZE_MAX) : buffer_reserve(out, bytes.length * 2);
    if (to == NULL) return;
    for (size_t i = 0; i < bytes.length; i++) {
        *to++ = (uint8_t)digits[bytes.data[i] >> 4];
        *to++ = (uint8_t)digits[bytes.data[i] & 15];
    }
}

bool hex_decode(struct buffer *out, struct bytes text)
{
    if (text.length % 2 != 0) return false;
    uint8_t *to = buffer_reserve(out, text.length / 2);
    if (to == NULL) return false;
    unsigned seen = 0;
    for (size_t i = 0; i < text.length; i += 2) {
        unsigned high = hex_digit_values[text.data[i]];
        unsigned low = hex_digit_values[text.data[i + 1]];
        seen |= high | low;
        *to++ = (uint8_t)(high << 4 | (low & 15));
    }
    return seen < 16;
}

#include "base/digits.h"
#include "base/text.h"

#include <string.h>

/* Sixteen bytes as 32 digits in a few steps, since several digests are written out for a signed request. */
typedef uint8_t sixteen __attribute__((vector_size(16)));

static sixteen digits_of(sixteen nibbles)
{
    return nibbles + '0' + ((sixteen)(nibbles > 9) & ('a' - '0' - 10));
}

static void write_sixteen(const uint8_t *from, uint8_t *to)
{
    sixteen bytes;
    memcpy(&bytes, from, sizeof bytes);
    sixteen high = digits_of(bytes >> 4), low = digits_of(bytes & 15);
    sixteen first = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    sixteen second = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    memcpy(to, &first, sizeof first);
    memcpy(to + sizeof first, &second, sizeof second);
}

void hex_encode(struct buffer *out, struct bytes bytes)
{
    uint8_t *to = bytes.length > SIZE_MAX / 2 ? buffer_reserve(out, SIZE_MAX) : buffer_reserve(out, bytes.length * 2);
    if (to == NULL) return;
    const uint8_t *from = bytes.data;
    for (size_t blocks = bytes.length / 16; blocks > 0; blocks--, from += 16, to += 32) write_sixteen(from, to);
    for (size_t left = bytes.length % 16; left > 0; left--, from++) {
        *to++ = (uint8_t) "0123456789abcdef"[*from >> 4];
        *to++ = (uint8_t) "0123456789abcdef"[*from & 15];
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

#include "base/digits.h"
#include "base/text.h"

/* Every byte as two digits: one load and one store each, since several digests are written out for a signed request. */
#define PAIR(high, low)                                                                                                                    \
    {                                                                                                                                      \
        "0123456789abcdef"[high], "0123456789abcdef"[low]                                                                                  \
    }
#define ROW(high)                                                                                                                          \
    PAIR(high, 0), PAIR(high, 1), PAIR(high, 2), PAIR(high, 3), PAIR(high, 4), PAIR(high, 5), PAIR(high, 6), PAIR(high, 7), PAIR(high, 8), \
        PAIR(high, 9), PAIR(high, 10), PAIR(high, 11), PAIR(high, 12), PAIR(high, 13), PAIR(high, 14), PAIR(high, 15)
static const char pairs[256][2] = {ROW(0), ROW(1), ROW(2),  ROW(3),  ROW(4),  ROW(5),  ROW(6),  ROW(7),
                                   ROW(8), ROW(9), ROW(10), ROW(11), ROW(12), ROW(13), ROW(14), ROW(15)};

void hex_encode(struct buffer *out, struct bytes bytes)
{
    uint8_t *to = bytes.length > SIZE_MAX / 2 ? buffer_reserve(out, SIZE_MAX) : buffer_reserve(out, bytes.length * 2);
    if (to == NULL) return;
    for (size_t i = 0; i < bytes.length; i++) memcpy(to + 2 * i, pairs[bytes.data[i]], 2);
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

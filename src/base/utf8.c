#include "base/text.h"

/* One row per kind of first byte (RFC 3629, 4): how many bytes follow, and the range of the second, which is where overlong forms,
 * surrogates and numbers beyond U+10FFFF show. */
struct lead {
    uint8_t first, last;
    uint8_t follow;
    uint8_t second_low, second_high;
};

static const struct lead leads[] = {
    {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf}, {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f},
    {0xee, 0xef, 2, 0x80, 0xbf}, {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

static const struct lead *lead_of(uint8_t byte)
{
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        if (byte >= leads[i].first && byte <= leads[i].last) return &leads[i];
    }
    return NULL;
}

size_t utf8_character_length(struct bytes text)
{
    if (text.length == 0) return 0;
    if (text.data[0] < 0x80) return 1;
    const struct lead *lead = lead_of(text.data[0]);
    if (lead == NULL || text.length <= lead->follow) return 0;
    if (text.data[1] < lead->second_low || text.data[1] > lead->second_high) return 0;
    for (size_t i = 2; i <= lead->follow; i++) {
        if ((text.data[i] & 0xc0) != 0x80) return 0;
    }
    return (size_t)lead->follow + 1;
}

bool utf8_is_valid(struct bytes text)
{
    while (text.length > 0) {
        size_t length = utf8_character_length(text);
        if (length == 0) return false;
        text = bytes_from(text, length);
    }
    return true;
}

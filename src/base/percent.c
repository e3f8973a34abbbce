#include "base/digits.h"
#include "base/text.h"

/* RFC 3986, 2.3: bytes that are never escaped, and '/', which is not escaped in a path. */
enum { UNRESERVED = 1, SLASH = 2 };

/* clang-format off */
static const uint8_t classes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
/* clang-format on */

static size_t encoded_length(struct bytes bytes, uint8_t kept)
{
    size_t length = 0;
    for (size_t i = 0; i < bytes.length; i++) length += (classes[bytes.data[i]] & kept) != 0 ? 1 : 3;
    return length;
}

/* The worst case is tried first, so that the exact length is counted only when memory is short. */
static void encode(struct buffer *out, struct bytes bytes, uint8_t kept)
{
    static const char digits[] = "0123456789ABCDEF";
    if (bytes.length > buffer_room(out) / 3 && encoded_length(bytes, kept) > buffer_room(out)) {
        out->overflow = true;
        return;
    }
    uint8_t *to = out->data + out->length;
    for (size_t i = 0; i < bytes.length; i++) {
        uint8_t byte = bytes.data[i];
        if ((classes[byte] & kept) != 0) {
            *to++ = byte;
            continue;
        }
        to[0] = '%';
        to[1] = (uint8_t)digits[byte >> 4];
        to[2] = (uint8_t)digits[byte & 15];
        to += 3;
    }
    out->length = (size_t)(to - out->data);
}

void percent_encode(struct buffer *out, struct bytes bytes)
{
    encode(out, bytes, UNRESERVED);
}

bool percent_is_plain(struct bytes bytes)
{
    uint8_t common = UNRESERVED;
    for (size_t i = 0; i < bytes.length; i++) common &= classes[bytes.data[i]];
    return common != 0;
}

void percent_encode_path(struct buffer *out, struct bytes bytes)
{
    encode(out, bytes, UNRESERVED | SLASH);
}

/* How many escapes `text` has; false when one is not followed by two hex digits. */
static bool count_escapes(struct bytes text, size_t *count)
{
    *count = 0;
    for (size_t at = bytes_find(text, '%'); at < text.length; at = bytes_find(text, '%')) {
        if (text.length - at < 3) return false;
        if ((hex_digit_values[text.data[at + 1]] | hex_digit_values[text.data[at + 2]]) > 15) return false;
        text = bytes_from(text, at + 3);
        (*count)++;
    }
    return true;
}

bool percent_is_valid(struct bytes text)
{
    size_t count = 0;
    return count_escapes(text, &count);
}

static bool decode(struct buffer *out, struct bytes text, uint8_t plus)
{
    size_t escapes = 0;
    if (!count_escapes(text, &escapes)) return false;
    uint8_t *to = buffer_reserve(out, text.length - 2 * escapes);
    if (to == NULL) return false;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        if (byte == '%') {
            byte = (uint8_t)(hex_digit_values[text.data[i + 1]] << 4 | hex_digit_values[text.data[i + 2]]);
            i += 2;
        } else if (byte == '+') {
            byte = plus;
        }
        *to++ = byte;
    }
    return true;
}

bool percent_decode(struct buffer *out, struct bytes text)
{
    return decode(out, text, '+');
}

bool percent_decode_form(struct buffer *out, struct bytes text)
{
    return decode(out, text, ' ');
}

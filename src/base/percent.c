#include "base/digits.h"
#include "base/eights.h"
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

/* Sixteen bytes looked at in one step: on the way of every signed request. */
typedef uint8_t sixteen __attribute__((vector_size(16)));

/* The last sixteen bytes of a text; of a shorter one all that it has, some of them twice. */
static sixteen last_sixteen(struct bytes text)
{
    typedef uint64_t two_lanes __attribute__((vector_size(16)));
    sixteen bytes;
    uint64_t last = eight_last(text.data, text.length);
    if (text.length < sizeof bytes) return (sixteen)(two_lanes){text.length > sizeof last ? eight_at(text.data) : last, last};
    memcpy(&bytes, text.data + text.length - sizeof bytes, sizeof bytes);
    return bytes;
}

/* All ones where a byte would be escaped. */
static sixteen escaped_of(sixteen bytes, uint8_t kept, uint8_t kept_too)
{
    sixteen letters = (sixteen)((bytes | 0x20) - 'a' < 26), digits = (sixteen)(bytes - '0' < 10), marks = (sixteen)(bytes - '-' < 2);
    return ~(letters | digits | marks | (sixteen)(bytes == '_') | (sixteen)(bytes == '~') | (sixteen)(bytes == kept) |
             (sixteen)(bytes == kept_too));
}

static bool is_plain(struct bytes text, uint8_t kept, uint8_t kept_too)
{
    uint64_t halves[2];
    if (text.length == 0) return true;
    sixteen step, escaped = escaped_of(last_sixteen(text), kept, kept_too);
    for (size_t i = 0; i + sizeof step < text.length; i += sizeof step) {
        memcpy(&step, text.data + i, sizeof step);
        escaped |= escaped_of(step, kept, kept_too);
    }
    memcpy(halves, &escaped, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

bool percent_is_plain(struct bytes text)
{
    return is_plain(text, '-', '-');
}

bool percent_is_plain_path(struct bytes text)
{
    return is_plain(text, '/', '/');
}

bool percent_is_plain_query(struct bytes text)
{
    return is_plain(text, '&', '=');
}

static size_t encoded_length(struct bytes bytes, uint8_t kept)
{
    size_t length = 0;
    for (size_t i = 0; i < bytes.length; i++) length += (classes[bytes.data[i]] & kept) != 0 ? 1 : 3;
    return length;
}

/* The worst case is tried first, so that the exact length is counted only when memory is short. */
static void escape(struct buffer *out, struct bytes bytes, uint8_t kept)
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
    if (percent_is_plain(bytes)) {
        buffer_add(out, bytes);
    } else {
        escape(out, bytes, UNRESERVED);
    }
}

void percent_encode_path(struct buffer *out, struct bytes bytes)
{
    if (percent_is_plain_path(bytes)) {
        buffer_add(out, bytes);
    } else {
        escape(out, bytes, UNRESERVED | SLASH);
    }
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

#include "base/bytes.h"

#include "base/eights.h"

struct bytes bytes_of_text(const char *text)
{
    return bytes_of(text, text == NULL ? 0 : strlen(text));
}

bool bytes_match_folded(const uint8_t *a, const uint8_t *b, size_t length)
{
    if (length == 0) return true;
    if (!eight_equal_folded(eight_last(a, length), eight_last(b, length))) return false;
    for (; length > sizeof(uint64_t); a += sizeof(uint64_t), b += sizeof(uint64_t), length -= sizeof(uint64_t)) {
        if (!eight_equal_folded(eight_at(a), eight_at(b))) return false;
    }
    return true;
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    uint32_t first, other;
    if (common >= sizeof first) { /* most names differ here already */
        memcpy(&first, a.data, sizeof first);
        memcpy(&other, b.data, sizeof other);
        if (first != other) return be32toh(first) < be32toh(other) ? -1 : 1;
    }
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0) return order;
    return (a.length > b.length) - (a.length < b.length);
}

bool bytes_start_with(struct bytes text, struct bytes prefix)
{
    return prefix.length <= text.length && bytes_equal(bytes_of(text.data, prefix.length), prefix);
}

struct bytes bytes_from(struct bytes text, size_t start)
{
    if (text.length == 0) return text;
    if (start > text.length) start = text.length;
    return bytes_of(text.data + start, text.length - start);
}

struct bytes bytes_slice(struct bytes text, size_t start, size_t length)
{
    struct bytes tail = bytes_from(text, start);
    if (tail.length > length) tail.length = length;
    return tail;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

struct bytes bytes_trim(struct bytes text)
{
    if (text.length > 0 && text.data[0] > ' ' && text.data[text.length - 1] > ' ') return text;
    while (text.length > 0 && is_blank(text.data[0])) text = bytes_from(text, 1);
    while (text.length > 0 && is_blank(text.data[text.length - 1])) text.length--;
    return text;
}

size_t bytes_find(struct bytes text, uint8_t byte)
{
    if (text.length == 0) return 0;
    const uint8_t *found = memchr(text.data, byte, text.length);
    return found == NULL ? text.length : (size_t)(found - text.data);
}

bool bytes_next_part(struct bytes *rest, uint8_t separator, struct bytes *part)
{
    if (rest->length == 0) return false;
    size_t at = bytes_find(*rest, separator);
    *part = bytes_of(rest->data, at);
    *rest = bytes_from(*rest, at + 1);
    return true;
}

#include "control/address_ranges.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdlib.h>

static const char words[] = "an address, first-last, or address/bits, of IPv4 or IPv6";
static const char mapped_words[] = "no IPv4 address inside of an IPv6 address: write it as IPv4";

struct range {
    size_t size; /* of an address */
    uint8_t first[ADDRESS_V6], last[ADDRESS_V6];
};

/* 0: it is no address. */
static size_t read_address(struct bytes text, uint8_t address[static ADDRESS_V6])
{
    char copy[INET6_ADDRSTRLEN];
    if (text.length == 0 || text.length >= sizeof copy || bytes_find(text, 0) < text.length) return 0;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    if (inet_pton(AF_INET, copy, address) == 1) return ADDRESS_V4;
    return inet_pton(AF_INET6, copy, address) == 1 ? ADDRESS_V6 : 0;
}

static bool is_mapped(const struct range *range)
{
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (range->size != ADDRESS_V6) return false;
    return bytes_equal(bytes_of(range->first, 12), bytes_of(prefix, 12)) || bytes_equal(bytes_of(range->last, 12), bytes_of(prefix, 12));
}

static bool widen(struct range *range, struct bytes written)
{
    int64_t bits;
    if (written.length > 3 || !number_parse(written, &bits) || bits < 0 || bits > (int64_t)(8 * range->size)) return false;
    for (size_t i = (size_t)bits; i < 8 * range->size; i++) {
        uint8_t bit = (uint8_t)(0x80u >> (i % 8));
        range->first[i / 8] = (uint8_t)(range->first[i / 8] & ~bit);
        range->last[i / 8] |= bit;
    }
    return true;
}

/* NULL: read. */
static const char *read_range(struct bytes text, struct range *range)
{
    size_t dash = bytes_find(text, '-'), slash = bytes_find(text, '/');
    struct bytes first = bytes_slice(text, 0, dash < slash ? dash : slash);
    range->size = read_address(first, range->first);
    if (range->size == 0) return words;
    memcpy(range->last, range->first, range->size);
    if (dash < text.length) {
        if (read_address(bytes_from(text, dash + 1), range->last) != range->size) return words;
    } else if (slash < text.length && !widen(range, bytes_from(text, slash + 1))) {
        return words;
    }
    if (is_mapped(range)) return mapped_words;
    return bytes_compare(bytes_of(range->first, range->size), bytes_of(range->last, range->size)) > 0 ? "its first address before its last"
                                                                                                      : NULL;
}

const char *address_range_check(struct bytes text)
{
    struct range range;
    return read_range(text, &range);
}

/* IPv4 first, then by first address. */
static int compare(const void *a, const void *b)
{
    const struct range *left = a, *right = b;
    if (left->size != right->size) return left->size < right->size ? -1 : 1;
    return bytes_compare(bytes_of(left->first, left->size), bytes_of(right->first, right->size));
}

/* The address behind the last one is the first of the next, or lies in it. The last address of all has none behind it. */
static bool touches(const struct range *range, const struct range *next)
{
    uint8_t behind[ADDRESS_V6];
    size_t i = range->size;
    if (next->size != range->size) return false;
    memcpy(behind, range->last, range->size);
    while (i > 0 && ++behind[i - 1] == 0) i--;
    return i == 0 || bytes_compare(bytes_of(next->first, next->size), bytes_of(behind, range->size)) <= 0;
}

/* Returns how many are left. */
static size_t join(struct range *ranges, size_t count)
{
    size_t kept = 0;
    for (size_t i = 1; i < count; i++) {
        struct range *last = &ranges[kept];
        if (!touches(last, &ranges[i])) {
            ranges[++kept] = ranges[i];
        } else if (bytes_compare(bytes_of(ranges[i].last, last->size), bytes_of(last->last, last->size)) > 0) {
            memcpy(last->last, ranges[i].last, last->size);
        }
    }
    return count == 0 ? 0 : kept + 1;
}

static struct bytes ranges_of(struct arena *arena, const struct range *ranges, size_t count, size_t size)
{
    struct buffer out = buffer_in(arena, count * 2 * size);
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].size != size) continue;
        buffer_add(&out, bytes_of(ranges[i].first, size));
        buffer_add(&out, bytes_of(ranges[i].last, size));
    }
    return buffer_bytes(&out);
}

bool address_ranges_compile(struct arena *arena, const struct bytes *items, size_t count, struct address_list *list)
{
    struct range ranges[ADDRESS_RANGES_MOST];
    if (count > ADDRESS_RANGES_MOST) return false;
    for (size_t i = 0; i < count; i++)
        if (read_range(items[i], &ranges[i]) != NULL) return false;
    qsort(ranges, count, sizeof *ranges, compare);
    count = join(ranges, count);
    list->v4 = ranges_of(arena, ranges, count, ADDRESS_V4);
    list->v6 = ranges_of(arena, ranges, count, ADDRESS_V6);
    return !arena->exhausted && address_list_is_sound(list);
}

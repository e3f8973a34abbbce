#include "policy/address_list.h"

static struct bytes first_of(struct bytes ranges, size_t index, size_t size)
{
    return bytes_slice(ranges, 2 * size * index, size);
}

static struct bytes last_of(struct bytes ranges, size_t index, size_t size)
{
    return bytes_slice(ranges, 2 * size * index + size, size);
}

static bool is_sound(struct bytes ranges, size_t size)
{
    size_t count = ranges.length / (2 * size);
    if (ranges.length % (2 * size) != 0) return false;
    for (size_t i = 0; i < count; i++) {
        if (bytes_compare(first_of(ranges, i, size), last_of(ranges, i, size)) > 0) return false;
        if (i > 0 && bytes_compare(last_of(ranges, i - 1, size), first_of(ranges, i, size)) >= 0) return false;
    }
    return true;
}

bool address_list_is_sound(const struct address_list *list)
{
    return is_sound(list->v4, ADDRESS_V4) && is_sound(list->v6, ADDRESS_V6);
}

static bool holds(struct bytes ranges, struct bytes address)
{
    size_t low = 0, high = ranges.length / (2 * address.length);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bytes_compare(last_of(ranges, middle, address.length), address) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ranges.length / (2 * address.length) && bytes_compare(first_of(ranges, low, address.length), address) <= 0;
}

bool address_list_admits(const struct address_list *list, struct bytes address)
{
    if (address.length != ADDRESS_V4 && address.length != ADDRESS_V6) return false;
    return holds(address.length == ADDRESS_V4 ? list->v4 : list->v6, address) != list->deny;
}

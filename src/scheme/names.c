#include "scheme/names.h"

#include "base/buffer.h"
#include "base/eights.h"

bool names_add(struct pairs *names, struct arena *arena, struct bytes name)
{
    struct buffer lower = buffer_in(arena, name.length);
    buffer_add_lower(&lower, name);
    for (size_t i = 0; i < names->count; i++)
        if (bytes_equal(names->items[i].name, buffer_bytes(&lower))) return true;
    if (names->count == names->capacity || lower.overflow) return false;
    names->items[names->count++] = (struct pair){.name = buffer_bytes(&lower)};
    return true;
}

bool names_join(struct pairs *names, uint8_t separator, struct arena *arena, struct bytes *list)
{
    size_t length = names->count;
    for (size_t i = 0; i < names->count; i++) length += names->items[i].name.length;
    if (!pairs_sort_by_name(names, arena)) return false;
    struct buffer out = buffer_in(arena, length);
    for (size_t i = 0; i < names->count; i++) {
        if (i > 0) buffer_add_byte(&out, separator);
        buffer_add(&out, names->items[i].name);
    }
    *list = buffer_bytes(&out);
    return !out.overflow;
}

/* Not 0: one of the eight is a blank, a control, or no ASCII. */
static uint64_t is_hidden(uint64_t eight)
{
    return (eight & EIGHT_TOPS) | eight_below(eight, 0x21) | eight_holds(eight, 0x7f);
}

bool text_is_visible(struct bytes text)
{
    if (text.length == 0) return true;
    uint64_t others = is_hidden(eight_last(text.data, text.length));
    for (size_t i = 0; text.length - i > sizeof(uint64_t); i += sizeof(uint64_t)) others |= is_hidden(eight_at(text.data + i));
    return others == 0;
}

bool text_is_lower_hex(struct bytes text)
{
    unsigned others = 0;
    for (size_t i = 0; i < text.length; i++) others |= ((uint8_t)(text.data[i] - '0') > 9) & ((uint8_t)(text.data[i] - 'a') > 5);
    return others == 0;
}

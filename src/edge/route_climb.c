#include "edge/route.h"

/* Takes one byte as lenient servers read it: %2e %2f %5c decoded, '\' as '/'. */
static uint8_t next_byte(struct bytes *rest)
{
    static const struct {
        struct bytes text;
        uint8_t byte;
    } spellings[] = {{{(const uint8_t *)"%2e", 3}, '.'}, {{(const uint8_t *)"%2f", 3}, '/'}, {{(const uint8_t *)"%5c", 3}, '/'}};
    uint8_t byte = rest->data[0];
    size_t length = 1;
    for (size_t i = 0; byte == '%' && i < sizeof spellings / sizeof *spellings; i++) {
        if (!bytes_start_with_folded(*rest, spellings[i].text)) continue;
        byte = spellings[i].byte;
        length = spellings[i].text.length;
    }
    *rest = bytes_from(*rest, length);
    return byte == '\\' ? '/' : byte;
}

/* One part up to the next separator; what stands behind ';' is a parameter of the segment (RFC 3986, 3.3) and no part of its name. */
struct part {
    size_t length;
    bool only_dots;
};

static struct part next_part(struct bytes *rest)
{
    struct part part = {.only_dots = true};
    bool in_name = true;
    while (rest->length) {
        uint8_t byte = next_byte(rest);
        if (byte == '/') break;
        if (byte == ';') in_name = false;
        if (!in_name) continue;
        part.length++;
        if (byte != '.') part.only_dots = false;
    }
    return part;
}

bool route_climbs(struct bytes rest)
{
    size_t depth = 0;
    if (bytes_find(rest, '.') == rest.length && bytes_find(rest, '%') == rest.length) return false;
    while (rest.length) {
        struct part part = next_part(&rest);
        if (part.only_dots && part.length == 2) {
            if (depth == 0) return true;
            depth--;
        } else if (part.length && !(part.only_dots && part.length == 1)) {
            depth++;
        }
    }
    return false;
}

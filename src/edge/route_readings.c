/* Other servers do not read a path byte by byte: they decode it, merge '//', resolve dots, cut off ';…' or a '/' at the end, each in its
 * own selection. A path that one of them may take for another API's would carry this API's verdict to that one's backend. */
#include "base/text.h"
#include "edge/route.h"

#define PATH_ROOM (3 * 32 * 1024) /* the longest target, all of it escaped */

/* What a server may do beside decoding and resolving dots, as bits. */
enum reading {
    READ_PARAMETERS = 1, /* ';' begins parameters, which are no part of the name (RFC 3986, 3.3) */
    READ_SEPARATORS = 2, /* %2F, %5C and '\' separate segments */
    READ_MERGED = 4,     /* empty segments do not count */
    READ_TRIMMED = 8,    /* nor does a '/' at the end */
    READINGS = 16
};

static bool is_odd(struct bytes path, size_t at)
{
    uint8_t byte = path.data[at];
    switch (byte) {
    case '%':
    case ';':
    case '\\':
        return true;
    case '/':
        return at > 0 && (at + 1 == path.length || path.data[at - 1] == '/');
    case '.':
        return at > 0 && path.data[at - 1] == '/';
    default:
        return byte >= 0x80;
    }
}

static bool is_read_alike(struct bytes path)
{
    for (size_t i = 0; i < path.length; i++)
        if (is_odd(path, i)) return false;
    return true;
}

/* The byte that stands first, decoded once; returns how many bytes spell it. */
static size_t first_byte(struct bytes rest, uint8_t *byte)
{
    struct buffer decoded = buffer_over(byte, 1);
    *byte = rest.data[0];
    if (*byte != '%' || rest.length < 3) return 1;
    if (percent_decode(&decoded, bytes_slice(rest, 0, 3))) return 3;
    *byte = '%';
    return 1;
}

static bool is_separator(struct bytes rest, unsigned how)
{
    uint8_t byte;
    if (rest.data[0] == '/') return true;
    (void)first_byte(rest, &byte);
    return (how & READ_SEPARATORS) != 0 && (byte == '/' || byte == '\\');
}

/* As a path of an API is spelled: every byte that may stand for itself does, the others are escaped in upper case. */
static void add_spelled(struct buffer *out, uint8_t byte)
{
    struct bytes plain = BYTES(":@+,=");
    if (bytes_find(plain, byte) < plain.length) {
        buffer_add_byte(out, byte);
    } else {
        percent_encode(out, bytes_of(&byte, 1));
    }
}

/* The separator in front and the segment behind it. */
static void add_segment(struct buffer *out, struct bytes *rest, unsigned how)
{
    uint8_t byte;
    bool in_name = true;
    buffer_add_byte(out, '/');
    *rest = bytes_from(*rest, first_byte(*rest, &byte));
    while (rest->length > 0 && !is_separator(*rest, how)) {
        size_t length = first_byte(*rest, &byte);
        if (length == 1 && byte == ';' && (how & READ_PARAMETERS) != 0) in_name = false;
        if (in_name) add_spelled(out, byte);
        *rest = bytes_from(*rest, length);
    }
}

static void step_up(struct buffer *out)
{
    while (out->length > 0)
        if (out->data[--out->length] == '/') return;
}

static bool is_dots(struct bytes name)
{
    return bytes_equal(name, BYTES("..")) || bytes_equal(name, BYTES("."));
}

/* What the segment behind `start` does to the path: a step up or on the spot, nothing, or it stays. */
static void settle_segment(struct buffer *out, size_t start, unsigned unwanted, bool last)
{
    struct bytes name = bytes_from(buffer_bytes(out), start + 1);
    bool dots = is_dots(name), up = dots && name.length == 2;
    if (dots || (name.length == 0 && unwanted != 0)) out->length = start;
    if (up) step_up(out);
    if (last && ((dots && unwanted == 0) || out->length == 0)) buffer_add_byte(out, '/');
}

static void read_path(struct bytes rest, unsigned how, struct buffer *out)
{
    buffer_clear(out);
    while (rest.length > 0) {
        size_t start = out->length;
        add_segment(out, &rest, how);
        if (out->overflow) return;
        bool last = rest.length == 0;
        settle_segment(out, start, how & (last ? READ_TRIMMED : READ_MERGED), last);
    }
}

/* Bits that change nothing in this path are not tried. */
static unsigned readings_of(struct bytes path)
{
    unsigned readings = READ_MERGED | READ_TRIMMED;
    if (bytes_find(path, ';') < path.length) readings |= READ_PARAMETERS;
    if (bytes_find(path, '%') < path.length || bytes_find(path, '\\') < path.length) readings |= READ_SEPARATORS;
    return readings;
}

enum edge_result route_decide(struct bytes compiled, struct bytes method, struct bytes path, struct route *route)
{
    enum edge_result result = route_match(compiled, method, path, route);
    if (result != EDGE_OK || is_read_alike(path)) return result;
    uint8_t memory[PATH_ROOM];
    struct buffer reading = buffer_over(memory, sizeof memory);
    unsigned useful = readings_of(path);
    for (unsigned how = 0; how < READINGS; how++) {
        struct route other;
        if ((how & ~useful) != 0) continue;
        read_path(path, how, &reading);
        if (reading.overflow) return EDGE_NOTHING;
        result = route_match(compiled, method, buffer_bytes(&reading), &other);
        if (result == EDGE_FAULT) return EDGE_FAULT;
        if (result == EDGE_OK && !bytes_equal(other.api_id, route->api_id)) return EDGE_NOTHING;
    }
    return EDGE_OK;
}

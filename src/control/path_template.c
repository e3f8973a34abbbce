#include "control/path_template.h"

#include "base/text.h"
#include "edge/reader.h"

_Static_assert(PATH_TEMPLATE_MAX_PARAMS == ROUTE_MAX_PARAMS, "an API must not have more parameters than its route");

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_letter_or_digit(uint8_t byte)
{
    return is_letter(byte) || (byte >= '0' && byte <= '9');
}

static bool stands_in(const char *set, uint8_t byte)
{
    return byte != 0 && bytes_find(bytes_of_text(set), byte) < bytes_of_text(set).length;
}

/* The rule of req_params names (huawei.md 4.5), since a parameter of the path is declared there. */
static bool is_param_name(struct bytes name)
{
    if (name.length == 0 || name.length > PATH_TEMPLATE_MAX_PARAM_NAME || !is_letter(name.data[0])) return false;
    for (size_t i = 0; i < name.length; i++) {
        if (!is_letter_or_digit(name.data[i]) && !stands_in("-_.", name.data[i])) return false;
    }
    return true;
}

static const char *read_param(struct bytes segment, struct path_template *found)
{
    if (segment.data[segment.length - 1] != '}') return "a {parameter} takes one whole segment between two '/'";
    struct bytes name = bytes_slice(segment, 1, segment.length - 2);
    if (!is_param_name(name)) return "a {parameter} has 1 to 32 letters, digits and -_., first a letter";
    if (path_template_has(found, name)) return "a {parameter} occurs once";
    if (found->count == PATH_TEMPLATE_MAX_PARAMS) return "at most 16 {parameters}";
    found->params[found->count++] = name;
    return NULL;
}

/* %00 ends strings and %2F moves segments in many a backend: what was decided upon must be what arrives. */
static bool hides_a_separator(struct bytes segment)
{
    for (size_t i = 0; i + 2 < segment.length; i++) {
        struct bytes escape = bytes_slice(segment, i, 3);
        if (bytes_equal(escape, BYTES("%00")) || bytes_equal_folded(escape, BYTES("%2f")) || bytes_equal_folded(escape, BYTES("%5c"))) {
            return true;
        }
    }
    return false;
}

/* One spelling only, or two APIs could be one to a backend: in upper case, and only of what cannot stand for itself. */
static bool is_spelled_otherwise(struct bytes segment)
{
    for (size_t at = bytes_find(segment, '%'); at < segment.length; at = bytes_find(segment, '%')) {
        struct bytes escape = bytes_slice(segment, at, 3);
        uint8_t byte = 0, memory[3];
        struct buffer decoded = buffer_over(&byte, 1), again = buffer_over(memory, sizeof memory);
        if (!percent_decode(&decoded, escape)) return true;
        percent_encode(&again, bytes_of(&byte, 1));
        if (stands_in(":@+,=", byte) || !bytes_equal(buffer_bytes(&again), escape)) return true;
        segment = bytes_from(segment, at + 3);
    }
    return false;
}

static const char *read_static(struct bytes segment)
{
    if (bytes_equal(segment, BYTES(".")) || bytes_equal(segment, BYTES(".."))) return "no segment is . or ..";
    for (size_t i = 0; i < segment.length; i++) {
        uint8_t byte = segment.data[i];
        if (byte == '*') return "* is not offered: match_mode SWA matches by prefix";
        if (byte == '{' || byte == '}') return "a {parameter} takes one whole segment between two '/'";
        if (!is_letter_or_digit(byte) && !stands_in("-_.~%:@+,=", byte)) return "letters, digits and -_.~%:@+,= beside / and {parameters}";
    }
    if (!percent_is_valid(segment)) return "% is followed by two hex digits";
    if (hides_a_separator(segment)) return "no %00, %2F and %5C";
    return is_spelled_otherwise(segment) ? "escapes are in upper case, and only of what may not stand for itself" : NULL;
}

static const char *read_segment(struct bytes segment, struct path_template *found)
{
    if (segment.length == 0) return "no empty segment (//)";
    return segment.data[0] == '{' ? read_param(segment, found) : read_static(segment);
}

const char *path_template_read(struct bytes path, struct path_template *found)
{
    found->count = 0;
    if (path.length == 0 || path.data[0] != '/') return "begins with /";
    if (path.length > PATH_TEMPLATE_MAX_LENGTH) return "at most 512 characters";
    struct bytes rest = bytes_from(path, 1);
    struct bytes segment;
    while (bytes_next_part(&rest, '/', &segment)) {
        const char *broken = read_segment(segment, found);
        if (broken != NULL) return broken;
    }
    return NULL;
}

bool path_template_has(const struct path_template *found, struct bytes name)
{
    for (size_t i = 0; i < found->count; i++) {
        if (bytes_equal(found->params[i], name)) return true;
    }
    return false;
}

void path_template_route_key(struct buffer *out, struct bytes method, struct bytes path)
{
    buffer_add(out, method);
    buffer_add_byte(out, ' ');
    bool inside = false;
    for (size_t i = 0; i < path.length; i++) {
        uint8_t byte = path.data[i];
        inside = inside && byte != '}';
        if (!inside) buffer_add_byte(out, byte);
        inside = inside || byte == '{';
    }
}

#include "http/request.h"

#include "base/eights.h"
#include "base/text.h"

#define TARGET_MAX_LENGTH (32 * 1024)

/* Printable ASCII and bytes of UTF-8, and no fragment: what may stand in a target outside an escape. Not 0: one of the eight is none. */
static uint64_t has_no_target_byte(uint64_t eight)
{
    return eight_below(eight, 0x21) | eight_holds(eight, 0x7f) | eight_holds(eight, '#');
}

static bool has_escaped_nul(struct bytes text)
{
    for (size_t at = bytes_find(text, '%'); at < text.length; at = bytes_find(text, '%')) {
        text = bytes_from(text, at + 1);
        if (bytes_start_with(text, BYTES("00"))) return true;
    }
    return false;
}

bool http_request_set_target(struct http_request *request, struct bytes target)
{
    if (target.length == 0 || target.length > TARGET_MAX_LENGTH || target.data[0] != '/') return false;
    uint64_t others = has_no_target_byte(eight_last(target.data, target.length));
    for (size_t i = 0; target.length - i > sizeof(uint64_t); i += sizeof(uint64_t)) others |= has_no_target_byte(eight_at(target.data + i));
    if (others != 0) return false;
    bool has_escapes = bytes_find(target, '%') < target.length;
    if (has_escapes && (!percent_is_valid(target) || has_escaped_nul(target))) return false;
    size_t path_length = bytes_find(target, '?');
    request->target = target;
    request->path = bytes_slice(target, 0, path_length);
    request->query = bytes_from(target, path_length + 1);
    return true;
}

const struct http_field *http_field_find(const struct http_request *request, struct bytes name)
{
    for (size_t i = 0; i < request->field_count; i++) {
        if (bytes_equal_folded(request->fields[i].name, name)) return &request->fields[i];
    }
    return NULL;
}

size_t http_field_count(const struct http_request *request, struct bytes name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->field_count; i++) count += bytes_equal_folded(request->fields[i].name, name);
    return count;
}

struct bytes http_field_value(const struct http_request *request, struct bytes name)
{
    const struct http_field *field = http_field_find(request, name);
    return field == NULL ? bytes_of(NULL, 0) : field->value;
}

bool http_pair_next(struct bytes *rest, struct http_pair *pair)
{
    struct bytes item;
    do {
        if (!bytes_next_part(rest, '&', &item)) return false;
    } while (item.length == 0);
    size_t name_length = bytes_find(item, '=');
    pair->name = bytes_slice(item, 0, name_length);
    pair->value = bytes_from(item, name_length + 1);
    pair->has_value = name_length < item.length;
    return true;
}

bool http_request_is_form(const struct http_request *request)
{
    struct bytes type = http_field_value(request, BYTES("content-type"));
    type = bytes_trim(bytes_slice(type, 0, bytes_find(type, ';')));
    return bytes_equal_folded(type, BYTES("application/x-www-form-urlencoded"));
}

static uint8_t to_alias(uint8_t byte)
{
    return byte == '_' || byte == '.' ? '-' : byte_to_lower(byte);
}

bool http_name_is_alias(struct bytes a, struct bytes b)
{
    if (a.length != b.length) return false;
    if (bytes_equal_folded(a, b)) return true; /* eight bytes a step, and nearly all that are alike are so in this way */
    for (size_t i = 0; i < a.length; i++) {
        if (to_alias(a.data[i]) != to_alias(b.data[i])) return false;
    }
    return true;
}

/* Not 0: one of the eight ends a line or cuts a text off. */
static uint64_t has_control(uint64_t eight)
{
    return eight_below(eight, 0x20) | eight_holds(eight, 0x7f);
}

/* A signature is long: it is looked at in steps of sixteen, the last one over what was seen already. */
static bool long_is_clean(struct bytes value)
{
    typedef uint8_t sixteen __attribute__((vector_size(16)));
    sixteen step, controls = {0};
    uint64_t halves[2];
    const uint8_t *at = value.data, *last = value.data + value.length - sizeof step;
    for (bool more = true; more; at += sizeof step) {
        more = at < last;
        memcpy(&step, more ? at : last, sizeof step);
        controls |= (sixteen)(step < 0x20) | (sixteen)(step == 0x7f);
    }
    memcpy(halves, &controls, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

bool http_value_is_clean(struct bytes value)
{
    if (value.length >= 2 * sizeof(uint64_t)) return long_is_clean(value);
    if (value.length == 0) return true;
    uint64_t controls = has_control(eight_last(value.data, value.length));
    if (value.length > sizeof(uint64_t)) controls |= has_control(eight_at(value.data));
    return controls == 0;
}

/* clang-format off */
static const bool token_bytes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0,
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

bool http_name_is_token(struct bytes name)
{
    for (size_t i = 0; i < name.length; i++) {
        if (!token_bytes[name.data[i]]) return false;
    }
    return name.length > 0;
}

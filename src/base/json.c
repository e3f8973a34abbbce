#include "base/json.h"

#include "base/eights.h"
#include "base/json_string.h"
#include "base/text.h"

struct member_name {
    struct bytes inside; /* between the quotes, as written */
    uint32_t hash;       /* of the unescaped name */
};

/* `names` is a stack: the names of the object being read, above those of the objects around it. */
struct scanner {
    struct bytes rest;
    struct member_name names[JSON_MAX_MEMBERS];
    size_t name_count;
};

static struct bytes skip_space(struct bytes rest)
{
    size_t at = 0;
    while (at < rest.length && (rest.data[at] == ' ' || rest.data[at] == '\n' || rest.data[at] == '\r' || rest.data[at] == '\t')) at++;
    return bytes_from(rest, at);
}

/* Of a document that was scanned to its end: nothing else stands around its value. */
static struct bytes without_space(struct bytes document)
{
    struct bytes value = skip_space(document);
    while (value.length > 0 && value.data[value.length - 1] <= ' ') value.length--;
    return value;
}

static bool scan_value(struct scanner *scanner, int depth);

static size_t scan_digits(struct bytes *rest)
{
    size_t count = 0;
    while (count < rest->length && rest->data[count] >= '0' && rest->data[count] <= '9') count++;
    *rest = bytes_from(*rest, count);
    return count;
}

/* RFC 8259, 6. */
static bool scan_number(struct bytes *rest)
{
    json_take_byte(rest, '-');
    if (!json_take_byte(rest, '0') && scan_digits(rest) == 0) return false;
    if (json_take_byte(rest, '.') && scan_digits(rest) == 0) return false;
    if (!json_take_byte(rest, 'e') && !json_take_byte(rest, 'E')) return true;
    if (!json_take_byte(rest, '+')) json_take_byte(rest, '-');
    return scan_digits(rest) > 0;
}

static bool scan_word(struct bytes *rest, struct bytes word)
{
    if (!bytes_start_with(*rest, word)) return false;
    *rest = bytes_from(*rest, word.length);
    return true;
}

/* `first` is where the names of the object that is being read begin. */
static bool add_name(struct scanner *scanner, size_t first, struct bytes inside)
{
    if (scanner->name_count == JSON_MAX_MEMBERS) return false;
    uint32_t hash = json_hash(inside);
    for (size_t i = first; i < scanner->name_count; i++) {
        if (scanner->names[i].hash == hash && json_same_text(scanner->names[i].inside, inside)) return false;
    }
    scanner->names[scanner->name_count++] = (struct member_name){inside, hash};
    return true;
}

static bool scan_member(struct scanner *scanner, size_t first, int depth)
{
    struct bytes inside;
    scanner->rest = skip_space(scanner->rest);
    if (!json_scan_string(&scanner->rest, &inside) || !add_name(scanner, first, inside)) return false;
    scanner->rest = skip_space(scanner->rest);
    return json_take_byte(&scanner->rest, ':') && scan_value(scanner, depth);
}

static bool scan_object(struct scanner *scanner, int depth)
{
    size_t first = scanner->name_count;
    scanner->rest = skip_space(scanner->rest);
    if (json_take_byte(&scanner->rest, '}')) return true;
    do {
        if (!scan_member(scanner, first, depth)) return false;
    } while (json_take_byte(&scanner->rest, ','));
    scanner->name_count = first;
    return json_take_byte(&scanner->rest, '}');
}

static bool scan_array(struct scanner *scanner, int depth)
{
    scanner->rest = skip_space(scanner->rest);
    if (json_take_byte(&scanner->rest, ']')) return true;
    do {
        if (!scan_value(scanner, depth)) return false;
    } while (json_take_byte(&scanner->rest, ','));
    return json_take_byte(&scanner->rest, ']');
}

static bool scan_bare_value(struct scanner *scanner, int depth)
{
    struct bytes inside, *rest = &scanner->rest;
    if (rest->length == 0) return false;
    switch (rest->data[0]) {
    case '"':
        return json_scan_string(rest, &inside);
    case 't':
        return scan_word(rest, BYTES("true"));
    case 'f':
        return scan_word(rest, BYTES("false"));
    case 'n':
        return scan_word(rest, BYTES("null"));
    case '{':
        return depth < JSON_MAX_DEPTH && json_take_byte(rest, '{') && scan_object(scanner, depth + 1);
    case '[':
        return depth < JSON_MAX_DEPTH && json_take_byte(rest, '[') && scan_array(scanner, depth + 1);
    default:
        return scan_number(rest);
    }
}

/* A value and the white space around it. `depth` counts the arrays and objects around it. */
static bool scan_value(struct scanner *scanner, int depth)
{
    scanner->rest = skip_space(scanner->rest);
    if (!scan_bare_value(scanner, depth)) return false;
    scanner->rest = skip_space(scanner->rest);
    return true;
}

/* --- stepping through what was checked: bounds are kept, but nothing is checked again ------------------------------------------------ */

/* Index of the first quote or backslash from `at` on, or the length. */
static size_t find_quote(struct bytes text, size_t at)
{
    for (; text.length - at >= 8; at += 8) {
        uint64_t eight = eight_in_order(text.data + at), found = eight_holds(eight, '"') | eight_holds(eight, '\\');
        if (found != 0) return at + eight_first(found);
    }
    while (at < text.length && text.data[at] != '"' && text.data[at] != '\\') at++;
    return at;
}

static struct bytes skip_string(struct bytes rest)
{
    size_t at = find_quote(rest, 1);
    while (rest.length - at >= 2 && rest.data[at] == '\\') at = find_quote(rest, at + 2);
    return bytes_from(rest, at + 1);
}

static bool is_delimiter(uint8_t byte)
{
    return byte == ',' || byte == ':' || byte == ']' || byte == '}' || byte <= ' ';
}

static struct bytes skip_scalar(struct bytes rest)
{
    size_t at = 0;
    while (at < rest.length && !is_delimiter(rest.data[at])) at++;
    return bytes_from(rest, at);
}

static struct bytes skip_container(struct bytes rest)
{
    int depth = 0;
    do {
        uint8_t byte = rest.data[0];
        if (byte == '"') {
            rest = skip_string(rest);
            continue;
        }
        if (byte == '{' || byte == '[') depth++;
        if (byte == '}' || byte == ']') depth--;
        rest = bytes_from(rest, 1);
    } while (depth > 0 && rest.length > 0);
    return rest;
}

/* Cuts the value that `rest` begins with. */
static struct bytes take_raw(struct bytes *rest)
{
    struct bytes start = *rest;
    if (start.length == 0) return start;
    uint8_t byte = start.data[0];
    *rest = byte == '"' ? skip_string(start) : byte == '{' || byte == '[' ? skip_container(start) : skip_scalar(start);
    return bytes_slice(start, 0, start.length - rest->length);
}

static struct bytes inside_of(struct bytes raw)
{
    return raw.length < 2 ? bytes_of(raw.data, 0) : bytes_slice(raw, 1, raw.length - 2);
}

static bool make_value(struct arena *arena, struct bytes raw, struct json_value *value)
{
    if (raw.length == 0) return false;
    *value = (struct json_value){.type = JSON_TYPE_NUMBER, .raw = raw, .text = raw};
    switch (raw.data[0]) {
    case '"':
        value->type = JSON_TYPE_STRING;
        return json_unescape(arena, inside_of(raw), &value->text);
    case '{':
        value->type = JSON_TYPE_OBJECT;
        break;
    case '[':
        value->type = JSON_TYPE_ARRAY;
        break;
    case 't':
        value->type = JSON_TYPE_TRUE;
        break;
    case 'f':
        value->type = JSON_TYPE_FALSE;
        break;
    case 'n':
        value->type = JSON_TYPE_NULL;
        break;
    default:
        return true;
    }
    value->text = bytes_of(NULL, 0);
    return true;
}

/* Moves over '{', '[' or ',' and cuts the next member or element; `name` is empty in an array. */
static bool take_raw_member(struct bytes *rest, struct bytes *name, struct bytes *value)
{
    *rest = skip_space(*rest);
    if (!json_take_byte(rest, '{') && !json_take_byte(rest, '[') && !json_take_byte(rest, ',')) return false;
    *rest = skip_space(*rest);
    *name = bytes_of(NULL, 0);
    if (rest->length == 0 || rest->data[0] == '}' || rest->data[0] == ']') return false;
    *value = take_raw(rest);
    *rest = skip_space(*rest);
    if (!json_take_byte(rest, ':')) return true;
    *name = *value;
    *rest = skip_space(*rest);
    *value = take_raw(rest);
    return true;
}

bool json_read(struct arena *arena, struct bytes document, struct json_value *value)
{
    struct scanner scanner;
    if (document.length > JSON_MAX_SIZE) return false;
    scanner.rest = document;
    scanner.name_count = 0;
    if (!scan_value(&scanner, 0) || scanner.rest.length > 0) return false;
    return make_value(arena, without_space(document), value);
}

bool json_member(struct arena *arena, const struct json_value *object, struct bytes name, struct json_value *value)
{
    struct bytes rest = object->raw, raw_name, raw;
    if (object->type != JSON_TYPE_OBJECT) return false;
    while (take_raw_member(&rest, &raw_name, &raw)) {
        if (json_is_text(inside_of(raw_name), name)) return make_value(arena, raw, value);
    }
    return false;
}

bool json_next(struct arena *arena, struct bytes *rest, struct json_value *name, struct json_value *value)
{
    struct bytes raw_name, raw;
    if (!take_raw_member(rest, &raw_name, &raw)) return false;
    if (name != NULL) {
        *name = (struct json_value){.type = JSON_TYPE_NULL};
        if (raw_name.length > 0 && !make_value(arena, raw_name, name)) return false;
    }
    return make_value(arena, raw, value);
}

bool json_read_integer(const struct json_value *value, int64_t *number)
{
    struct bytes digits = value->text;
    if (value->type != JSON_TYPE_NUMBER) return false;
    if (!json_take_byte(&digits, '-')) return number_parse(digits, number);
    if (bytes_equal(digits, BYTES("9223372036854775808"))) {
        *number = INT64_MIN;
        return true;
    }
    if (!number_parse(digits, number)) return false;
    *number = -*number;
    return true;
}

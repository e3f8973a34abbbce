#include "base/json_string.h"

#include "base/buffer.h"
#include "base/digits.h"
#include "base/eights.h"
#include "base/text.h"

/* One character of a string, unescaped, in UTF-8. */
struct character {
    uint8_t bytes[4];
    size_t length;
};

bool json_take_byte(struct bytes *rest, uint8_t byte)
{
    if (rest->length == 0 || rest->data[0] != byte) return false;
    *rest = bytes_from(*rest, 1);
    return true;
}

static void to_utf8(uint32_t code, struct character *character)
{
    uint8_t *bytes = character->bytes;
    if (code < 0x80) {
        *character = (struct character){{(uint8_t)code}, 1};
        return;
    }
    character->length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = character->length - 1; i > 0; i--, code >>= 6) bytes[i] = (uint8_t)(0x80 | (code & 0x3f));
    bytes[0] = (uint8_t)(leads[character->length] | code);
}

/* The four digits of \uXXXX. */
static bool take_unit(struct bytes *rest, uint32_t *unit)
{
    if (rest->length < 4) return false;
    *unit = 0;
    for (size_t i = 0; i < 4; i++) {
        uint8_t digit = hex_digit_values[rest->data[i]];
        if (digit > 15) return false;
        *unit = *unit << 4 | digit;
    }
    *rest = bytes_from(*rest, 4);
    return true;
}

/* Behind "\u": one unit, or a high surrogate and the low one that must follow it (RFC 8259, 7). */
static bool take_escaped_code(struct bytes *rest, uint32_t *code)
{
    uint32_t low = 0;
    if (!take_unit(rest, code) || *code == 0) return false;
    if (*code < 0xd800 || *code > 0xdfff) return true;
    if (*code > 0xdbff || !json_take_byte(rest, '\\') || !json_take_byte(rest, 'u') || !take_unit(rest, &low)) return false;
    if (low < 0xdc00 || low > 0xdfff) return false;
    *code = 0x10000 + ((*code - 0xd800) << 10 | (low - 0xdc00));
    return true;
}

/* Behind the backslash. */
static bool take_escape(struct bytes *rest, struct character *character)
{
    static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    uint32_t code = 0;
    if (json_take_byte(rest, 'u')) {
        if (!take_escaped_code(rest, &code)) return false;
        to_utf8(code, character);
        return true;
    }
    size_t at = rest->length == 0 ? 8 : bytes_find(bytes_of(letters, 8), rest->data[0]);
    if (at == 8) return false;
    *rest = bytes_from(*rest, 1);
    *character = (struct character){{(uint8_t)values[at]}, 1};
    return true;
}

/* The next character of the inside of a string; false when it is not valid there. */
static bool take_character(struct bytes *rest, struct character *character)
{
    if (json_take_byte(rest, '\\')) return take_escape(rest, character);
    character->length = utf8_character_length(*rest);
    if (character->length == 0 || rest->data[0] < 0x20) return false;
    memcpy(character->bytes, rest->data, character->length);
    *rest = bytes_from(*rest, character->length);
    return true;
}

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Not 0: one of them is not plain. */
static uint64_t eight_not_plain(uint64_t eight)
{
    return (eight & EIGHT_TOPS) | eight_below(eight, 0x20) | eight_holds(eight, '"') | eight_holds(eight, '\\');
}

static size_t plain_length(struct bytes text)
{
    size_t plain = 0;
    for (; text.length - plain >= 8; plain += 8) {
        uint64_t found = eight_not_plain(eight_in_order(text.data + plain));
        if (found != 0) return plain + eight_first(found);
    }
    while (plain < text.length && is_plain(text.data[plain])) plain++;
    return plain;
}

bool json_scan_string(struct bytes *rest, struct bytes *inside)
{
    struct character ignored;
    if (!json_take_byte(rest, '"')) return false;
    inside->data = rest->data;
    for (;;) {
        *rest = bytes_from(*rest, plain_length(*rest));
        inside->length = (size_t)(rest->data - inside->data);
        if (json_take_byte(rest, '"')) return true;
        if (!take_character(rest, &ignored)) return false;
    }
}

static bool is_escaped(struct bytes inside)
{
    return bytes_find(inside, '\\') < inside.length;
}

bool json_unescape(struct arena *arena, struct bytes inside, struct bytes *text)
{
    *text = inside;
    if (!is_escaped(inside)) return true;
    struct buffer out = buffer_in(arena, inside.length); /* no escape is shorter than what it stands for */
    struct character character;
    while (take_character(&inside, &character)) buffer_add(&out, bytes_of(character.bytes, character.length));
    *text = buffer_bytes(&out);
    return !out.overflow;
}

bool json_same_text(struct bytes a, struct bytes b)
{
    struct character one, other;
    if (!is_escaped(a) && !is_escaped(b)) return bytes_equal(a, b);
    while (take_character(&a, &one)) {
        if (!take_character(&b, &other)) return false;
        if (!bytes_equal(bytes_of(one.bytes, one.length), bytes_of(other.bytes, other.length))) return false;
    }
    return b.length == 0;
}

bool json_is_text(struct bytes inside, struct bytes text)
{
    struct character character;
    if (!is_escaped(inside)) return bytes_equal(inside, text);
    while (take_character(&inside, &character)) {
        if (!bytes_start_with(text, bytes_of(character.bytes, character.length))) return false;
        text = bytes_from(text, character.length);
    }
    return text.length == 0;
}

/* FNV-1a. */
static uint32_t hash_on(uint32_t hash, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

uint32_t json_hash(struct bytes inside)
{
    uint32_t hash = 2166136261u;
    struct character character;
    if (!is_escaped(inside)) return hash_on(hash, inside.data, inside.length);
    while (take_character(&inside, &character)) hash = hash_on(hash, character.bytes, character.length);
    return hash;
}

#include "base/json.h"

#include "base/buffer.h"
#include "base/text.h"

static void write_escaped(struct buffer *out, uint8_t byte)
{
    static const char letters[] = "\"\\bfnrt", values[] = "\"\\\b\f\n\r\t";
    size_t at = bytes_find(bytes_of(values, 7), byte);
    if (at < 7) {
        buffer_add_byte(out, '\\');
        buffer_add_byte(out, (uint8_t)letters[at]);
        return;
    }
    buffer_add(out, BYTES("\\u00"));
    hex_encode(out, bytes_of(&byte, 1));
}

/* One character that is no plain ASCII; returns its bytes. A byte that begins no character becomes U+FFFD. */
static size_t write_special(struct buffer *out, struct bytes text)
{
    size_t length = utf8_character_length(text);
    if (length > 1) buffer_add(out, bytes_slice(text, 0, length));
    if (length == 1) write_escaped(out, text.data[0]);
    if (length == 0) buffer_add(out, BYTES("\xef\xbf\xbd"));
    return length == 0 ? 1 : length;
}

void json_write_string(struct buffer *out, struct bytes text)
{
    buffer_add_byte(out, '"');
    while (text.length > 0) {
        size_t plain = 0;
        while (plain < text.length && text.data[plain] >= 0x20 && text.data[plain] < 0x7f && text.data[plain] != '"' &&
               text.data[plain] != '\\')
            plain++;
        buffer_add(out, bytes_slice(text, 0, plain));
        text = bytes_from(text, plain);
        if (text.length > 0) text = bytes_from(text, write_special(out, text));
    }
    buffer_add_byte(out, '"');
}

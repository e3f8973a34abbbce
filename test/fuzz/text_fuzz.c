/* The codecs of base/text.h: what is encoded decodes to itself; what decodes has, for base64, one spelling only. */
#include "base/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[1 << 20], second_memory[1 << 20];

typedef void encoder(struct buffer *out, struct bytes bytes);
typedef bool decoder(struct buffer *out, struct bytes text);

static const struct {
    encoder *encode;
    decoder *decode;
    bool one_spelling;
} codecs[] = {
    {hex_encode, hex_decode, false},         {base64_encode, base64_decode, true},         {base64url_encode, base64url_decode, true},
    {percent_encode, percent_decode, false}, {percent_encode, percent_decode_form, false}, {percent_encode_path, percent_decode, false},
};

static void check_round_trip(encoder *encode, decoder *decode, struct bytes bytes)
{
    struct buffer text = buffer_over(memory, sizeof memory);
    encode(&text, bytes);
    assert(!text.overflow);
    struct buffer exact = buffer_over(second_memory, text.length);
    encode(&exact, bytes);
    assert(bytes_equal(buffer_bytes(&exact), buffer_bytes(&text)));
    struct buffer back = buffer_over(second_memory, bytes.length);
    assert(decode(&back, buffer_bytes(&text)));
    assert(bytes_equal(buffer_bytes(&back), bytes));
    if (bytes.length == 0) return;
    struct buffer narrow = buffer_over(second_memory, bytes.length - 1);
    assert(!decode(&narrow, buffer_bytes(&text)) && narrow.overflow);
}

static void check_decoding(encoder *encode, decoder *decode, bool one_spelling, struct bytes text)
{
    struct buffer decoded = buffer_over(memory, sizeof memory);
    if (!decode(&decoded, text)) {
        assert(!decoded.overflow);
        return;
    }
    struct buffer again = buffer_over(second_memory, sizeof second_memory);
    encode(&again, buffer_bytes(&decoded));
    assert(!one_spelling || bytes_equal(buffer_bytes(&again), text));
}

static void check_utf8(struct bytes text)
{
    bool valid = utf8_is_valid(text);
    struct bytes rest = text;
    size_t length = utf8_character_length(rest);
    for (; length > 0; length = utf8_character_length(rest)) rest = bytes_from(rest, length);
    assert(valid == (rest.length == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = bytes_of(data, size);
    if (size > 100000) return 0;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        check_round_trip(codecs[i].encode, codecs[i].decode, bytes);
        check_decoding(codecs[i].encode, codecs[i].decode, codecs[i].one_spelling, bytes);
    }
    struct buffer out = buffer_over(memory, sizeof memory);
    assert(percent_decode(&out, bytes) == percent_is_valid(bytes));
    check_utf8(bytes);
    int64_t number = -1;
    if (number_parse(bytes, &number)) assert(number >= 0 && size > 0);
    return 0;
}

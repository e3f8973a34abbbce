/* The encodings of base/text.h: each direction against fixed texts, then every refusal of the decoders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

static uint8_t memory[256];

typedef void encoder(struct buffer *out, struct bytes bytes);
typedef bool decoder(struct buffer *out, struct bytes text);

static void expect_encoded(encoder *encode, struct bytes bytes, const char *expected)
{
    struct buffer out = buffer_over(memory, sizeof memory);
    encode(&out, bytes);
    assert_false(out.overflow);
    assert_int_equal(out.length, bytes_of_text(expected).length);
    assert_memory_equal(out.data, expected, out.length);
    /* Exactly enough memory is enough, one byte less overflows and writes nothing behind the end. */
    size_t length = out.length;
    struct buffer exact = buffer_over(memory, length);
    encode(&exact, bytes);
    assert_false(exact.overflow);
    assert_memory_equal(exact.data, expected, length);
    if (length == 0) return;
    memory[length - 1] = 0x5a;
    struct buffer narrow = buffer_over(memory, length - 1);
    encode(&narrow, bytes);
    assert_true(narrow.overflow);
    assert_int_equal(buffer_bytes(&narrow).length, 0);
    assert_int_equal(memory[length - 1], 0x5a);
}

static void expect_decoded(decoder *decode, const char *text, struct bytes expected)
{
    struct buffer out = buffer_over(memory, sizeof memory);
    assert_true(decode(&out, bytes_of_text(text)));
    assert_true(bytes_equal(buffer_bytes(&out), expected));
    if (expected.length == 0) return;
    struct buffer narrow = buffer_over(memory, expected.length - 1);
    assert_false(decode(&narrow, bytes_of_text(text)));
    assert_true(narrow.overflow);
}

static void expect_refused(decoder *decode, struct bytes text)
{
    struct buffer out = buffer_over(memory, sizeof memory);
    assert_false(decode(&out, text));
    assert_false(out.overflow);
}

static void hex(void **state)
{
    (void)state;
    expect_encoded(hex_encode, BYTES(""), "");
    expect_encoded(hex_encode, BYTES("\x00\x7f\x80\xab\xff"), "007f80abff");
    expect_encoded(hex_encode, BYTES("\x01\x23\x45\x67\x89\xab\xcd\xef\x9a\xa9\x0f\xf0\x10\x32\x54\x76\x98"),
                   "0123456789abcdef9aa90ff01032547698");
    expect_decoded(hex_decode, "", BYTES(""));
    expect_decoded(hex_decode, "007f80ABfF", BYTES("\x00\x7f\x80\xab\xff"));
    expect_refused(hex_decode, BYTES("0"));
    expect_refused(hex_decode, BYTES("0g"));
    expect_refused(hex_decode, BYTES("g0"));
    expect_refused(hex_decode, BYTES("00 1"));
    expect_refused(hex_decode, BYTES("00\0\0"));
    expect_refused(hex_decode, BYTES("\xb0\xb0"));
}

/* RFC 4648, 10. */
static void base64_of_rfc_4648(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *encoded;
    } rows[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect_encoded(base64_encode, bytes_of_text(rows[i].plain), rows[i].encoded);
        expect_decoded(base64_decode, rows[i].encoded, bytes_of_text(rows[i].plain));
    }
    expect_encoded(base64_encode, BYTES("\xfb\xff\xbf"), "+/+/");
    expect_decoded(base64_decode, "+/+/", BYTES("\xfb\xff\xbf"));
}

static void base64_refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {"Z",    "Zg",   "Zm8",  "Zg=",   "Zm9vY", "Z===", "====", "=",      "==",       "Zg==Zg==",
                                       "Zh==", "Zm9=", "Zm8 ", "Zm8\n", " m8=",  "Z=8=", "-_-_", "Zm9v\n", "Zm9vZg==="};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) expect_refused(base64_decode, bytes_of_text(rows[i]));
    expect_refused(base64_decode, BYTES("Zm\0v"));
    expect_refused(base64_decode, BYTES("Zm9\xf6"));
}

static void base64url(void **state)
{
    (void)state;
    expect_encoded(base64url_encode, BYTES(""), "");
    expect_encoded(base64url_encode, BYTES("f"), "Zg");
    expect_encoded(base64url_encode, BYTES("fo"), "Zm8");
    expect_encoded(base64url_encode, BYTES("\xfb\xff\xbf"), "-_-_");
    expect_decoded(base64url_decode, "Zg", BYTES("f"));
    expect_decoded(base64url_decode, "Zm8", BYTES("fo"));
    expect_decoded(base64url_decode, "-_-_", BYTES("\xfb\xff\xbf"));
    static const char *const refused[] = {"Z", "Zg==", "Zm8=", "+/+/", "Zh", "Zm9", "Zm9vY", "Zm 8", "Zg\n"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) expect_refused(base64url_decode, bytes_of_text(refused[i]));
}

static void percent(void **state)
{
    (void)state;
    expect_encoded(percent_encode, BYTES(""), "");
    expect_encoded(percent_encode, BYTES("AZaz09-_.~"), "AZaz09-_.~");
    assert_true(percent_is_plain(BYTES("AZaz09-_.~")) && percent_is_plain(BYTES("")));
    assert_false(percent_is_plain(BYTES("a/b")) || percent_is_plain(BYTES("a%20")) || percent_is_plain(BYTES("\x80")));
    assert_true(percent_is_plain_path(BYTES("/a/b-c")) && percent_is_plain_query(BYTES("a=1&b_c=~")));
    assert_false(percent_is_plain_path(BYTES("/a=b")) || percent_is_plain_query(BYTES("a=/")) || percent_is_plain_query(BYTES("a=+")));
    expect_encoded(percent_encode, BYTES("a b/+%*\xe4\xb8\xad\x00"), "a%20b%2F%2B%25%2A%E4%B8%AD%00");
    expect_encoded(percent_encode_path, BYTES("/a b//%/"), "/a%20b//%25/");
    expect_decoded(percent_decode, "a%20b+%2f%2F%00", BYTES("a b+//\0"));
    expect_decoded(percent_decode_form, "a%20b+%2B", BYTES("a b +"));
    expect_decoded(percent_decode, "", BYTES(""));
    static const char *const refused[] = {"%", "%4", "a%", "a%4", "%4g", "%g4", "%%41", "%41%", "%u0041", "% 1", "%-1"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        expect_refused(percent_decode, bytes_of_text(refused[i]));
        expect_refused(percent_decode_form, bytes_of_text(refused[i]));
        assert_false(percent_is_valid(bytes_of_text(refused[i])));
    }
    assert_true(percent_is_valid(BYTES("")));
    assert_true(percent_is_valid(BYTES("a%41%fF+")));
    assert_false(percent_is_valid(bytes_of("%41", 2)));
}

/* Each byte at each place of texts that are looked at in steps of several bytes. */
static void every_byte_is_seen_at_every_place(void **state)
{
    (void)state;
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    uint8_t text[40], room[120];
    memset(text, 'z', sizeof text);
    for (size_t length = 1; length <= sizeof text; length++) {
        for (size_t at = 0; at < length; at++) {
            for (int byte = 0; byte < 256; byte++) {
                bool kept = byte != 0 && strchr(unreserved, byte) != NULL;
                text[at] = (uint8_t)byte;
                struct bytes whole = bytes_of(text, length);
                struct buffer out = buffer_over(room, sizeof room);
                percent_encode(&out, whole);
                assert_int_equal(percent_is_plain(whole), kept);
                assert_int_equal(percent_is_plain_path(whole), kept || byte == '/');
                assert_int_equal(percent_is_plain_query(whole), kept || byte == '&' || byte == '=');
                assert_int_equal(out.length, kept ? length : length + 2);
            }
            text[at] = 'z';
        }
    }
}

static void every_byte_round_trips(void **state)
{
    (void)state;
    static const struct {
        encoder *encode;
        decoder *decode;
    } rows[] = {{hex_encode, hex_decode},         {base64_encode, base64_decode},        {base64url_encode, base64url_decode},
                {percent_encode, percent_decode}, {percent_encode, percent_decode_form}, {percent_encode_path, percent_decode}};
    uint8_t all[256], encoded[800];
    for (size_t i = 0; i < sizeof all; i++) all[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer text = buffer_over(encoded, sizeof encoded);
        rows[i].encode(&text, bytes_of(all, sizeof all));
        struct buffer back = buffer_over(memory, sizeof memory);
        assert_true(rows[i].decode(&back, buffer_bytes(&text)));
        assert_true(bytes_equal(buffer_bytes(&back), bytes_of(all, sizeof all)));
    }
}

/* RFC 3629: the edges of each row of its grammar. */
static void utf8(void **state)
{
    (void)state;
    static const char *const valid[] = {"",
                                        "a\x7f",
                                        "\xc2\x80",
                                        "\xdf\xbf",
                                        "\xe0\xa0\x80",
                                        "\xec\xbf\xbf",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xf0\x90\x80\x80",
                                        "\xf3\xbf\xbf\xbf",
                                        "\xf4\x8f\xbf\xbf",
                                        "\xe4\xb8\xad x"};
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) assert_true(utf8_is_valid(bytes_of_text(valid[i])));
    static const char *const invalid[] = {"\x80",      "\xbf",          "\xc0\x80",         "\xc1\xbf",         "\xc2",
                                          "\xc2 ",     "\xe0\x9f\xbf",  "\xed\xa0\x80",     "\xed\xbf\xbf",     "\xe4\xb8",
                                          "\xe4\xb8 ", "\xe4 \xad",     "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                                          "\xff",      "a\xf0\x90\x80", "\xf0\x90\x80\xc0"};
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) assert_false(utf8_is_valid(bytes_of_text(invalid[i])));
    assert_true(utf8_is_valid(BYTES("a\0b")));
    assert_int_equal(utf8_character_length(BYTES("")), 0);
    assert_int_equal(utf8_character_length(BYTES("\xe4\xb8\xad!")), 3);
}

static void numbers(void **state)
{
    (void)state;
    int64_t number = -1;
    assert_true(number_parse(BYTES("0"), &number));
    assert_int_equal(number, 0);
    assert_true(number_parse(BYTES("0001700000000"), &number));
    assert_int_equal(number, 1700000000);
    assert_true(number_parse(BYTES("9223372036854775807"), &number));
    assert_true(number == INT64_MAX);
    static const char *const refused[] = {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "99999999999999999999", "1e3"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) assert_false(number_parse(bytes_of_text(refused[i]), &number));
    assert_false(number_parse(BYTES("1\0"), &number));
    assert_true(number == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex),
        cmocka_unit_test(base64_of_rfc_4648),
        cmocka_unit_test(base64_refuses),
        cmocka_unit_test(base64url),
        cmocka_unit_test(percent),
        cmocka_unit_test(every_byte_is_seen_at_every_place),
        cmocka_unit_test(every_byte_round_trips),
        cmocka_unit_test(utf8),
        cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* MD5 of RFC 1321, A.5; SHA-1 and SHA-256 of FIPS 180-4's examples; SM3 of GB/T 32905's, annex A. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/digest.h"

static void expect_hex(struct digest_value value, const char *expected)
{
    uint8_t memory[64];
    struct buffer text = buffer_over(memory, sizeof memory);
    hex_encode(&text, digest_bytes(&value));
    assert_int_equal(text.length, bytes_of_text(expected).length);
    assert_memory_equal(text.data, expected, text.length);
}

static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

static const struct {
    enum digest_kind kind;
    const char *text, *expected;
} rows[] = {
    {DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
    {DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
    {DIGEST_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    {DIGEST_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {DIGEST_SHA1, two_blocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    {DIGEST_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {DIGEST_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {DIGEST_SHA256, two_blocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {DIGEST_SM3, "", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"},
    {DIGEST_SM3, "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
    {DIGEST_SM3, "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
     "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"},
};

static void published_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct digest_value value = digest_of(rows[i].kind, bytes_of_text(rows[i].text));
        assert_int_equal(value.length, digest_size(rows[i].kind));
        expect_hex(value, rows[i].expected);
    }
}

/* Short messages are hashed without OpenSSL's buffering: at every length around a block's end both ways agree. */
static void short_and_long_ways_agree(void **state)
{
    (void)state;
    uint8_t text[DIGEST_SHORT_MESSAGE + 70];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)(i * 7);
    for (size_t length = 0; length <= sizeof text; length++) {
        struct digest digest;
        digest_start(&digest, DIGEST_SHA256);
        digest_add(&digest, bytes_of(text, length));
        struct digest_value pieces = digest_finish(&digest), whole = digest_of(DIGEST_SHA256, bytes_of(text, length));
        assert_int_equal(whole.length, 32);
        assert_memory_equal(whole.data, pieces.data, 32);
    }
}

static void a_first_block_can_be_hashed_ahead(void **state)
{
    (void)state;
    uint8_t text[64 + DIGEST_SHORT_MESSAGE];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)(i * 3);
    static const enum digest_kind kinds[] = {DIGEST_SHA1, DIGEST_SHA256};
    for (size_t k = 0; k < 2; k++) {
        uint32_t behind[DIGEST_STATE_WORDS] = {0};
        digest_first_block(behind, kinds[k], text);
        for (size_t length = 0; length <= DIGEST_SHORT_MESSAGE; length++) {
            struct digest digest;
            digest_go_on(&digest, kinds[k], behind);
            digest_add(&digest, bytes_of(text + 64, length));
            struct digest_value on = digest_finish(&digest), whole = digest_of(kinds[k], bytes_of(text, 64 + length));
            assert_memory_equal(on.data, whole.data, whole.length);
            struct digest_value behind_block = digest_sha256_behind(behind, bytes_of(text + 64, length));
            if (kinds[k] == DIGEST_SHA256) assert_memory_equal(behind_block.data, whole.data, whole.length);
        }
    }
}

static void pieces_give_the_digest_of_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes rest = bytes_of_text(rows[i].text);
        struct digest digest;
        digest_start(&digest, rows[i].kind);
        for (; rest.length > 0; rest = bytes_from(rest, 3)) digest_add(&digest, bytes_slice(rest, 0, 3));
        digest_add(&digest, bytes_of(NULL, 0));
        expect_hex(digest_finish(&digest), rows[i].expected);
    }
}

static void a_copy_is_a_branch(void **state)
{
    (void)state;
    struct digest digest;
    digest_start(&digest, DIGEST_SHA256);
    digest_add(&digest, BYTES("ab"));
    struct digest branch = digest;
    digest_add(&branch, BYTES("x"));
    digest_finish(&branch);
    digest_add(&digest, BYTES("c"));
    expect_hex(digest_finish(&digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void none_is_empty(void **state)
{
    (void)state;
    struct digest_value value = digest_of(DIGEST_NONE, BYTES("abc"));
    assert_int_equal(digest_size(DIGEST_NONE), 0);
    assert_int_equal(digest_bytes(&value).length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_examples),
        cmocka_unit_test(short_and_long_ways_agree),
        cmocka_unit_test(a_first_block_can_be_hashed_ahead),
        cmocka_unit_test(pieces_give_the_digest_of_the_whole),
        cmocka_unit_test(a_copy_is_a_branch),
        cmocka_unit_test(none_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/cfb.h"

/* NIST SP 800-38A, F.3.13 and F.3.17: the same vector and text, a key of 128 and of 256 bits. */
#define IV   "000102030405060708090a0b0c0d0e0f"
#define TEXT "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52ef"

static struct bytes hex(uint8_t *memory, const char *text)
{
    struct buffer out = buffer_over(memory, 64);
    assert_true(hex_decode(&out, bytes_of_text(text)));
    return buffer_bytes(&out);
}

static void assert_encrypts(struct cfb *cfb, const char *key, const char *expected)
{
    uint8_t key_memory[64], iv_memory[64], text_memory[64], out_memory[64], shown_memory[128];
    struct cfb_input input = {.key = hex(key_memory, key), .iv = hex(iv_memory, IV), .text = hex(text_memory, TEXT)};
    struct buffer out = buffer_over(out_memory, sizeof out_memory), shown = buffer_over(shown_memory, sizeof shown_memory);
    assert_true(cfb_encrypt(cfb, &input, &out));
    hex_encode(&shown, buffer_bytes(&out));
    assert_true(bytes_equal(buffer_bytes(&shown), bytes_of_text(expected)));
}

static void the_published_vectors(void **state)
{
    (void)state;
    struct cfb *cfb = cfb_prepare();
    assert_non_null(cfb);
    for (int round = 0; round < 2; round++) {
        assert_encrypts(cfb, "2b7e151628aed2a6abf7158809cf4f3c",
                        "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b26751f67a3cbb140b1808cf187a4f4df");
        assert_encrypts(cfb, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                        "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407bdf10132415e54b92a13ed0a8267ae2f9");
    }
    cfb_destroy(cfb);
}

static void other_lengths_are_refused(void **state)
{
    (void)state;
    static const uint8_t zeros[64];
    uint8_t memory[8];
    struct cfb *cfb = cfb_prepare();
    struct buffer out = buffer_over(memory, sizeof memory);
    struct cfb_input input = {.key = bytes_of(zeros, 24), .iv = bytes_of(zeros, 16), .text = BYTES("x")};
    assert_false(cfb_encrypt(cfb, &input, &out));
    input.key.length = 16;
    input.iv.length = 15;
    assert_false(cfb_encrypt(cfb, &input, &out));
    input.iv.length = 16;
    assert_true(cfb_encrypt(cfb, &input, &out));
    input.text = bytes_of(zeros, 9);
    assert_false(cfb_encrypt(cfb, &input, &out));
    cfb_destroy(cfb);
    cfb_destroy(NULL);
}

static void assert_as_if_first(struct cfb *used, struct bytes key, struct bytes iv)
{
    uint8_t memory[2][64];
    struct cfb *unused = cfb_prepare();
    struct buffer out = buffer_over(memory[0], 64), expected = buffer_over(memory[1], 64);
    const struct cfb_input input = {.key = key, .iv = iv, .text = BYTES("more than two blocks of text, so that they are chained")};
    assert_true(cfb_encrypt(used, &input, &out) && cfb_encrypt(unused, &input, &expected));
    assert_true(bytes_equal(buffer_bytes(&out), buffer_bytes(&expected)));
    cfb_destroy(unused);
}

/* What is kept of a key and its vector is not taken for another one's. */
static void keys_and_vectors_take_turns(void **state)
{
    (void)state;
    struct cfb *cfb = cfb_prepare();
    const struct bytes keys[] = {BYTES("0123456789abcdef"), BYTES("fedcba9876543210"), BYTES("0123456789abcdef0123456789abcdef")};
    const struct bytes vectors[] = {BYTES("a vector of text"), BYTES("a vector of texT")};
    for (size_t i = 0; i < 24; i++) assert_as_if_first(cfb, keys[i * 7 / 3 % 3], vectors[i * 5 / 2 % 2]);
    cfb_destroy(cfb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors),
        cmocka_unit_test(other_lengths_are_refused),
        cmocka_unit_test(keys_and_vectors_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/aes_block.h"

#define ROUNDS_OF_ALL 1000

static struct bytes hex(uint8_t *memory, const char *text)
{
    struct buffer out = buffer_over(memory, 64);
    assert_true(hex_decode(&out, bytes_of_text(text)));
    return buffer_bytes(&out);
}

/* FIPS 197, appendix C: one text, keys that count up. */
static void assert_encrypts(const char *key, const char *expected)
{
    uint8_t key_memory[64], text_memory[64], expected_memory[64], to[AES_BLOCK];
    struct bytes key_bytes = hex(key_memory, key), text = hex(text_memory, "00112233445566778899aabbccddeeff");
    struct aes_block aes;
    assert_true(aes_block_prepare(&aes, key_bytes.length));
    assert_true(aes_block_set_key(&aes, key_bytes) && aes_block_encrypt(&aes, text.data, to));
    assert_true(bytes_equal(bytes_of(to, sizeof to), hex(expected_memory, expected)));
    aes_block_destroy(&aes);
}

static void the_published_vectors(void **state)
{
    (void)state;
    assert_encrypts("000102030405060708090a0b0c0d0e0f", "69c4e0d86a7b0430d8cdb78070b4c55a");
    assert_encrypts("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "8ea2b7ca516745bfeafc49904b496089");
}

/* The processor's way and OpenSSL's, each the other's measure: what one encrypted is the next key and the next text. */
static void both_ways_agree(void **state)
{
    (void)state;
    for (size_t length = AES_SHORT_KEY; length <= AES_LONG_KEY; length += AES_LONG_KEY - AES_SHORT_KEY) {
        uint8_t key[AES_LONG_KEY] = "0123456789", text[2][AES_BLOCK] = {"a text", "a text"};
        struct aes_block quick, usual;
        assert_true(aes_block_prepare(&quick, length) && aes_block_prepare(&usual, length));
        usual.rounds = 0;
        for (int round = 0; round < ROUNDS_OF_ALL; round++) {
            assert_true(aes_block_set_key(&quick, bytes_of(key, length)) && aes_block_set_key(&usual, bytes_of(key, length)));
            assert_true(aes_block_encrypt(&quick, text[0], text[0]) && aes_block_encrypt(&usual, text[1], text[1]));
            assert_memory_equal(text[0], text[1], AES_BLOCK);
            memcpy(key + (round % 2 ? length - AES_BLOCK : 0), text[0], AES_BLOCK);
        }
        aes_block_destroy(&quick);
        aes_block_destroy(&usual);
    }
}

static void other_lengths_are_refused(void **state)
{
    (void)state;
    struct aes_block aes;
    const size_t lengths[] = {0, 15, 17, 24, 33};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_false(aes_block_prepare(&aes, lengths[i]));
        aes_block_destroy(&aes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors),
        cmocka_unit_test(both_ways_agree),
        cmocka_unit_test(other_lengths_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

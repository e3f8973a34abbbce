/* HMAC-SHA-1 of RFC 2202, 3 and HMAC-SHA-256 of RFC 4231, 4, keys and data by their recipes there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"

/* A key or a text of an RFC: a literal, or one byte repeated. */
struct material {
    const char *text;
    uint8_t byte;
    size_t repeat;
};

static const struct {
    enum digest_kind kind;
    struct material key, data;
    const char *expected;
} rows[] = {
    {DIGEST_SHA1, {NULL, 0x0b, 20}, {"Hi There", 0, 0}, "b617318655057264e28bc0b6fb378c8ef146be00"},
    {DIGEST_SHA1, {"Jefe", 0, 0}, {"what do ya want for nothing?", 0, 0}, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {DIGEST_SHA1, {NULL, 0xaa, 20}, {NULL, 0xdd, 50}, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
    {DIGEST_SHA1,
     {NULL, 0xaa, 80},
     {"Test Using Larger Than Block-Size Key - Hash Key First", 0, 0},
     "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
    {DIGEST_SHA1,
     {NULL, 0xaa, 80},
     {"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data", 0, 0},
     "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
    {DIGEST_SHA256, {NULL, 0x0b, 20}, {"Hi There", 0, 0}, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {DIGEST_SHA256,
     {"Jefe", 0, 0},
     {"what do ya want for nothing?", 0, 0},
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {DIGEST_SHA256, {NULL, 0xaa, 20}, {NULL, 0xdd, 50}, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {DIGEST_SHA256,
     {NULL, 0xaa, 131},
     {"Test Using Larger Than Block-Size Key - Hash Key First", 0, 0},
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {DIGEST_SHA256,
     {NULL, 0xaa, 131},
     {"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being "
      "used by the HMAC algorithm.",
      0, 0},
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    {DIGEST_SHA256, {"", 0, 0}, {"", 0, 0}, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

static struct bytes make(struct material material, uint8_t memory[256])
{
    if (material.text != NULL) return bytes_of_text(material.text);
    memset(memory, material.byte, material.repeat);
    return bytes_of(memory, material.repeat);
}

static void expect_hex(struct digest_value value, const char *expected)
{
    uint8_t memory[64];
    struct buffer text = buffer_over(memory, sizeof memory);
    hex_encode(&text, digest_bytes(&value));
    assert_int_equal(text.length, bytes_of_text(expected).length);
    assert_memory_equal(text.data, expected, text.length);
}

static void published_cases(void **state)
{
    (void)state;
    uint8_t key_memory[256], data_memory[256];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes key = make(rows[i].key, key_memory);
        struct bytes data = make(rows[i].data, data_memory);
        expect_hex(hmac_of(rows[i].kind, key, data), rows[i].expected);
    }
}

static void a_prepared_key_serves_again_and_again(void **state)
{
    (void)state;
    struct hmac_key key;
    hmac_prepare(&key, DIGEST_SHA256, BYTES("Jefe"));
    for (int round = 0; round < 3; round++) {
        hmac_with(&key, BYTES("another message in between"));
        struct digest_value mac = hmac_with(&key, BYTES("what do ya want for nothing?"));
        expect_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}

/* 64 bytes are used as they are, 65 are hashed first. */
static void the_edge_of_the_block(void **state)
{
    (void)state;
    uint8_t key[65];
    memset(key, 'k', sizeof key);
    struct digest_value shortened = digest_of(DIGEST_SHA256, bytes_of(key, 65));
    struct digest_value long_key = hmac_of(DIGEST_SHA256, bytes_of(key, 65), BYTES("m"));
    struct digest_value hashed_key = hmac_of(DIGEST_SHA256, digest_bytes(&shortened), BYTES("m"));
    assert_true(secret_equal(digest_bytes(&long_key), digest_bytes(&hashed_key)));
    expect_hex(hmac_of(DIGEST_SHA256, bytes_of(key, 64), BYTES("m")), "3b7a8d453e76edb519238a515105a57508d0f169f480ebeee120a9e7803289fa");
}

static void other_kinds_prove_nothing(void **state)
{
    (void)state;
    struct digest_value md5 = hmac_of(DIGEST_MD5, BYTES("key"), BYTES("message"));
    struct digest_value none = hmac_of(DIGEST_NONE, BYTES("key"), BYTES("message"));
    assert_int_equal(md5.length, 0);
    assert_int_equal(none.length, 0);
    assert_false(secret_equal(digest_bytes(&md5), digest_bytes(&none)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_cases),
        cmocka_unit_test(a_prepared_key_serves_again_and_again),
        cmocka_unit_test(the_edge_of_the_block),
        cmocka_unit_test(other_kinds_prove_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/sign_key.h"

/* PKCS#8 in base64, made for this test. */
static const char p256[] = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUmCMlRT4uWzfyDTDkTZNkDpddCaLaICWlU7YqyJS4COhRANCAASj"
                           "p3KVFdORtSdmXyUelHlR/o3+ae9Orlpz4+nYlMtMSMqI77kBsNucabik6ObCIgoKvP8tXUCjH6AsYv6rIFGp";
static const char p384[] = "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBoaD2X5I9s58v2q73jzlk0ap2blnW63ZCndM5Rf+SpEYsDG4jgtndH"
                           "CDN30iop/r2hZANiAASbU8KJ5akPtcvlu+zgzfe3+W4PoWRw1mxzzSviiGIxfJmSInxsqsxX6puONh8Eg4B5LeUylA0pMS9ZIBAD"
                           "BFLdwf1hEvySc9rHvJiKqXNFPsv+bGELgU4ckekUfNSWkbY=";
static const char ed25519[] = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"; /* RFC 8410, 10.3 */

static uint8_t memory[4096];

static struct sign_key *prepare(const char *text)
{
    struct buffer der = buffer_over(memory, sizeof memory);
    assert_true(base64_decode(&der, bytes_of_text(text)));
    return sign_key_prepare(buffer_bytes(&der));
}

/* That the signatures are right is seen by test/cli/test_tokens.py, for every algorithm. */
static void each_key_is_for_its_own_algorithm(void **state)
{
    static const struct {
        const char *text;
        enum verify_algorithm algorithm;
        size_t length;
    } keys[] = {{p256, VERIFY_ES256, 64}, {p384, VERIFY_ES384, 96}, {ed25519, VERIFY_EDDSA, 64}};
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct sign_key *key = prepare(keys[i].text);
        assert_non_null(key);
        assert_int_equal(sign_key_algorithm(key), keys[i].algorithm);
        for (enum verify_algorithm other = VERIFY_NONE; other < VERIFY_COUNT; other++) {
            uint8_t room[SIGN_KEY_MAX_SIGNATURE];
            struct buffer out = buffer_over(room, sizeof room);
            assert_int_equal(sign_key_fits(key, other), other == keys[i].algorithm);
            assert_int_equal(sign_key_sign(key, other, BYTES("text"), &out), other == keys[i].algorithm);
            assert_int_equal(out.length, other == keys[i].algorithm ? keys[i].length : 0);
            out = buffer_over(room, 8);
            assert_false(sign_key_sign(key, other, BYTES("text"), &out));
        }
        sign_key_destroy(key);
    }
}

static void what_is_no_key_is_none(void **state)
{
    char longer[sizeof ed25519 + 8];
    (void)state;
    assert_null(sign_key_prepare(BYTES("")));
    assert_null(sign_key_prepare(BYTES("0")));
    assert_null(prepare("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVg="));
    memcpy(longer, ed25519, sizeof ed25519);
    memcpy(longer + sizeof ed25519 - 1, "AAAA", 5);
    assert_null(prepare(longer));
    sign_key_destroy(NULL);
}

static void a_mac_needs_a_secret_and_an_algorithm_of_its_own(void **state)
{
    static const size_t lengths[] = {32, 48, 64};
    uint8_t room[64], secret[VERIFY_MAX_SECRET + 1] = {1};
    (void)state;
    for (enum verify_algorithm algorithm = VERIFY_NONE; algorithm < VERIFY_COUNT; algorithm++) {
        struct buffer out = buffer_over(room, sizeof room);
        bool mac = algorithm >= VERIFY_HS256 && algorithm <= VERIFY_HS512;
        assert_int_equal(sign_key_mac(algorithm, BYTES("secret"), BYTES("text"), &out), mac);
        assert_int_equal(out.length, mac ? lengths[algorithm - VERIFY_HS256] : 0);
        assert_false(sign_key_mac(algorithm, BYTES(""), BYTES("text"), &out));
        assert_false(sign_key_mac(algorithm, bytes_of(secret, sizeof secret), BYTES("text"), &out));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_is_for_its_own_algorithm),
        cmocka_unit_test(what_is_no_key_is_none),
        cmocka_unit_test(a_mac_needs_a_secret_and_an_algorithm_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/scalar_key.h"

static const enum scalar_curve curves[] = {SCALAR_P256, SCALAR_SM2};

/* n - 2, FIPS 186-5 and GB/T 32918.5. */
static const char *const orders_minus_two[] = {"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f",
                                               "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121"};

static void take(const char *hex, uint8_t scalar[SCALAR_SIZE])
{
    struct buffer out = buffer_over(scalar, SCALAR_SIZE);
    assert_true(hex_decode(&out, bytes_of_text(hex)));
    assert_int_equal(out.length, SCALAR_SIZE);
}

static void the_largest_candidate_is_two_below_the_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t candidate[SCALAR_SIZE], scalar[SCALAR_SIZE], expected[SCALAR_SIZE];
        take(orders_minus_two[i], candidate);
        memcpy(expected, candidate, sizeof expected);
        expected[SCALAR_SIZE - 1]++;
        assert_true(scalar_of_candidate(curves[i], candidate, scalar));
        assert_memory_equal(scalar, expected, SCALAR_SIZE);
        candidate[SCALAR_SIZE - 1]++;
        assert_false(scalar_of_candidate(curves[i], candidate, scalar));
        memset(candidate, 0xff, sizeof candidate);
        assert_false(scalar_of_candidate(curves[i], candidate, scalar));
    }
}

static void one_is_added_with_its_carry(void **state)
{
    uint8_t candidate[SCALAR_SIZE] = {0}, scalar[SCALAR_SIZE], expected[SCALAR_SIZE] = {0};
    (void)state;
    expected[SCALAR_SIZE - 1] = 1;
    assert_true(scalar_of_candidate(SCALAR_P256, candidate, scalar));
    assert_memory_equal(scalar, expected, SCALAR_SIZE);
    candidate[SCALAR_SIZE - 1] = candidate[SCALAR_SIZE - 2] = 0xff;
    expected[SCALAR_SIZE - 1] = 0;
    expected[SCALAR_SIZE - 3] = 1;
    assert_true(scalar_of_candidate(SCALAR_P256, candidate, scalar));
    assert_memory_equal(scalar, expected, SCALAR_SIZE);
}

static void a_number_outside_the_group_is_no_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t scalar[SCALAR_SIZE] = {0};
        assert_null(scalar_key_prepare(curves[i], scalar));
        assert_null(scalar_signer_prepare(curves[i], scalar));
        take(orders_minus_two[i], scalar);
        scalar[SCALAR_SIZE - 1]++;
        struct scalar_key *largest = scalar_key_prepare(curves[i], scalar);
        assert_non_null(largest);
        scalar_key_destroy(largest);
        scalar[SCALAR_SIZE - 1]++;
        assert_null(scalar_key_prepare(curves[i], scalar));
        assert_null(scalar_signer_prepare(curves[i], scalar));
    }
    scalar_key_destroy(NULL);
    scalar_signer_destroy(NULL);
}

static bool holds(struct scalar_key *key, struct bytes message, struct bytes signature)
{
    const struct scalar_question question = {&message, 1, signature};
    return scalar_key_check(key, &question);
}

static struct bytes sign(enum scalar_curve curve, const uint8_t scalar[SCALAR_SIZE], struct bytes message, struct buffer *out)
{
    struct scalar_signer *signer = scalar_signer_prepare(curve, scalar);
    assert_true(scalar_signer_sign(signer, message, out));
    scalar_signer_destroy(signer);
    return buffer_bytes(out);
}

static void what_one_signs_only_it_confirms(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t scalar[SCALAR_SIZE] = {[0] = 7, [31] = 9}, memory[SCALAR_MAX_SIGNATURE], short_memory[8];
        struct buffer room = buffer_over(memory, sizeof memory), too_short = buffer_over(short_memory, sizeof short_memory);
        struct bytes signature = sign(curves[i], scalar, BYTES("message"), &room);
        struct scalar_signer *signer = scalar_signer_prepare(curves[i], scalar);
        struct scalar_key *key = scalar_key_prepare(curves[i], scalar), *sister = scalar_key_prepare(curves[1 - i], scalar);
        scalar[31]++;
        struct scalar_key *other = scalar_key_prepare(curves[i], scalar);
        assert_true(holds(key, BYTES("message"), signature));
        assert_true(holds(key, BYTES("message"), signature));
        assert_false(holds(key, BYTES("messagf"), signature));
        assert_false(holds(other, BYTES("message"), signature));
        assert_false(holds(sister, BYTES("message"), signature));
        for (size_t length = 0; length < signature.length; length++)
            assert_false(holds(key, BYTES("message"), bytes_slice(signature, 0, length)));
        memory[signature.length - 1] ^= 1;
        assert_false(holds(key, BYTES("message"), signature));
        assert_false(scalar_signer_sign(signer, BYTES("message"), &too_short));
        scalar_signer_destroy(signer);
        scalar_key_destroy(key);
        scalar_key_destroy(sister);
        scalar_key_destroy(other);
    }
}

/* OpenSSL signs with another number each time; so many signatures have had short and long numbers among them. */
static void every_signature_of_openssl_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t scalar[SCALAR_SIZE] = {[1] = 0xab, [31] = 1};
        struct scalar_key *key = scalar_key_prepare(curves[i], scalar);
        for (uint8_t round = 0; round < 100; round++) {
            uint8_t memory[SCALAR_MAX_SIGNATURE];
            struct buffer room = buffer_over(memory, sizeof memory);
            assert_true(holds(key, bytes_of(&round, 1), sign(curves[i], scalar, bytes_of(&round, 1), &room)));
        }
        scalar_key_destroy(key);
    }
}

static void one_of_several_messages_is_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t scalar[SCALAR_SIZE] = {[0] = 7, [31] = 9}, memory[SCALAR_MAX_SIGNATURE];
        struct buffer room = buffer_over(memory, sizeof memory);
        const struct bytes messages[] = {BYTES("a"), BYTES(""), BYTES("message"), BYTES("c")};
        struct scalar_key *key = scalar_key_prepare(curves[i], scalar);
        struct scalar_question question = {messages, 4, sign(curves[i], scalar, BYTES("message"), &room)};
        assert_true(scalar_key_check(key, &question));
        question.count = 2;
        assert_false(scalar_key_check(key, &question));
        question.count = 0;
        assert_false(scalar_key_check(key, &question));
        scalar_key_destroy(key);
    }
}

/* n in hex; with r or s of 0 or n a checker that forgets to look at them can be made to say yes (CVE-2022-21449). */
static const char *const orders[] = {"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
                                     "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123"};

static void numbers_outside_the_group_are_no_signature(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t scalar[SCALAR_SIZE] = {[31] = 9}, memory[SCALAR_MAX_SIGNATURE];
        struct scalar_key *key = scalar_key_prepare(curves[i], scalar);
        char longest[160], large_r[160], large_s[160];
        snprintf(longest, sizeof longest, "3046022100%s022100%s", orders[i], orders[i]);
        snprintf(large_r, sizeof large_r, "3026022100%s020101", orders[i]);
        snprintf(large_s, sizeof large_s, "3026020101022100%s", orders[i]);
        const char *const wrong[] = {"3006020100020100", "3006020101020100", "3006020100020101", longest, large_r, large_s};
        for (size_t j = 0; j < sizeof wrong / sizeof wrong[0]; j++) {
            struct buffer der = buffer_over(memory, sizeof memory);
            assert_true(hex_decode(&der, bytes_of_text(wrong[j])));
            assert_false(holds(key, BYTES("message"), buffer_bytes(&der)));
        }
        scalar_key_destroy(key);
    }
}

/* SM2: with r + s = n the point would be s G whoever's the key is. */
static void sm2_refuses_a_sum_of_nothing(void **state)
{
    uint8_t scalar[SCALAR_SIZE] = {[31] = 9}, memory[SCALAR_MAX_SIGNATURE];
    struct buffer der = buffer_over(memory, sizeof memory);
    struct scalar_key *key = scalar_key_prepare(SCALAR_SM2, scalar);
    (void)state;
    assert_true(hex_decode(&der, BYTES("3026020101022100fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122")));
    assert_false(holds(key, BYTES("message"), buffer_bytes(&der)));
    scalar_key_destroy(key);
}

/* Another writing of the same numbers: a zero too many, a length in its long form, something behind. */
static void one_signature_has_one_writing(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t scalar[SCALAR_SIZE] = {[0] = 7, [31] = 9}, memory[SCALAR_MAX_SIGNATURE], other[SCALAR_MAX_SIGNATURE + 8];
        struct buffer room = buffer_over(memory, sizeof memory);
        struct bytes signature = sign(curves[i], scalar, BYTES("message"), &room);
        struct scalar_key *key = scalar_key_prepare(curves[i], scalar);
        memcpy(other, memory, signature.length);
        other[signature.length] = 0;
        assert_false(holds(key, BYTES("message"), bytes_of(other, signature.length + 1)));
        other[1]++;
        assert_false(holds(key, BYTES("message"), bytes_of(other, signature.length + 1)));
        const uint8_t padded[] = {0x30, (uint8_t)(signature.length - 1), 0x02, (uint8_t)(memory[3] + 1), 0};
        memcpy(other, padded, sizeof padded);
        memcpy(other + sizeof padded, memory + 4, signature.length - 4);
        assert_false(holds(key, BYTES("message"), bytes_of(other, signature.length + 1)));
        const uint8_t long_form[] = {0x30, 0x81, (uint8_t)(signature.length - 2)};
        memcpy(other, long_form, sizeof long_form);
        memcpy(other + sizeof long_form, memory + 2, signature.length - 2);
        assert_false(holds(key, BYTES("message"), bytes_of(other, signature.length + 1)));
        scalar_key_destroy(key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_candidate_is_two_below_the_order),
        cmocka_unit_test(one_is_added_with_its_carry),
        cmocka_unit_test(a_number_outside_the_group_is_no_key),
        cmocka_unit_test(what_one_signs_only_it_confirms),
        cmocka_unit_test(every_signature_of_openssl_holds),
        cmocka_unit_test(one_of_several_messages_is_enough),
        cmocka_unit_test(numbers_outside_the_group_are_no_signature),
        cmocka_unit_test(sm2_refuses_a_sum_of_nothing),
        cmocka_unit_test(one_signature_has_one_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

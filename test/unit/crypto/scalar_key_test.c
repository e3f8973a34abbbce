#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
        take(orders_minus_two[i], scalar);
        scalar[SCALAR_SIZE - 1]++;
        struct scalar_key *largest = scalar_key_prepare(curves[i], scalar);
        assert_non_null(largest);
        scalar_key_destroy(largest);
        scalar[SCALAR_SIZE - 1]++;
        assert_null(scalar_key_prepare(curves[i], scalar));
    }
    scalar_key_destroy(NULL);
}

static void what_one_signs_only_it_confirms(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint8_t scalar[SCALAR_SIZE] = {[0] = 7, [31] = 9}, memory[SCALAR_MAX_SIGNATURE], short_memory[8];
        struct buffer signature = buffer_over(memory, sizeof memory), too_short = buffer_over(short_memory, sizeof short_memory);
        struct scalar_key *key = scalar_key_prepare(curves[i], scalar), *sister = scalar_key_prepare(curves[1 - i], scalar);
        scalar[31]++;
        struct scalar_key *other = scalar_key_prepare(curves[i], scalar);
        assert_true(scalar_key_sign(key, BYTES("message"), &signature));
        assert_true(scalar_key_verify(key, BYTES("message"), buffer_bytes(&signature)));
        assert_true(scalar_key_verify(key, BYTES("message"), buffer_bytes(&signature)));
        assert_false(scalar_key_verify(key, BYTES("messagf"), buffer_bytes(&signature)));
        assert_false(scalar_key_verify(other, BYTES("message"), buffer_bytes(&signature)));
        assert_false(scalar_key_verify(sister, BYTES("message"), buffer_bytes(&signature)));
        for (size_t length = 0; length < signature.length; length++)
            assert_false(scalar_key_verify(key, BYTES("message"), bytes_slice(buffer_bytes(&signature), 0, length)));
        memory[signature.length - 1] ^= 1;
        assert_false(scalar_key_verify(key, BYTES("message"), buffer_bytes(&signature)));
        assert_false(scalar_key_sign(key, BYTES("message"), &too_short));
        scalar_key_destroy(key);
        scalar_key_destroy(sister);
        scalar_key_destroy(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_candidate_is_two_below_the_order),
        cmocka_unit_test(one_is_added_with_its_carry),
        cmocka_unit_test(a_number_outside_the_group_is_no_key),
        cmocka_unit_test(what_one_signs_only_it_confirms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

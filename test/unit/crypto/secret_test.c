#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/secret.h"

static void equal_only_when_every_byte_is(void **state)
{
    (void)state;
    uint8_t one[32], other[32];
    memset(one, 7, sizeof one);
    for (size_t i = 0; i < sizeof one; i++) {
        memcpy(other, one, sizeof one);
        assert_true(secret_equal(bytes_of(one, sizeof one), bytes_of(other, sizeof other)));
        other[i] ^= 0x80;
        assert_false(secret_equal(bytes_of(one, sizeof one), bytes_of(other, sizeof other)));
    }
}

static void a_prefix_is_not_equal(void **state)
{
    (void)state;
    assert_false(secret_equal(BYTES("secret"), BYTES("secret ")));
    assert_false(secret_equal(BYTES("secret"), BYTES("secre")));
    assert_false(secret_equal(BYTES("secret"), BYTES("")));
}

static void empty_secrets_are_never_equal(void **state)
{
    (void)state;
    assert_false(secret_equal(BYTES(""), BYTES("")));
    assert_false(secret_equal(bytes_of(NULL, 0), bytes_of(NULL, 0)));
}

static void wiping_leaves_zeros(void **state)
{
    (void)state;
    uint8_t secret[8] = "secret!", zeros[8] = {0};
    secret_wipe(secret, 4);
    assert_memory_equal(secret, "\0\0\0\0et!", sizeof secret);
    secret_wipe(secret, sizeof secret);
    assert_memory_equal(secret, zeros, sizeof secret);
    secret_wipe(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_only_when_every_byte_is),
        cmocka_unit_test(a_prefix_is_not_equal),
        cmocka_unit_test(empty_secrets_are_never_equal),
        cmocka_unit_test(wiping_leaves_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/key_pair.h"
#include "crypto/private_key.h"

struct halves {
    uint8_t memory[2][KEY_PAIR_MAX];
    struct buffer public_key;
    struct buffer private_key;
};

static void make(struct halves *halves)
{
    halves->public_key = buffer_over(halves->memory[0], KEY_PAIR_MAX);
    halves->private_key = buffer_over(halves->memory[1], KEY_PAIR_MAX);
    assert_true(key_pair_generate(&halves->public_key, &halves->private_key));
}

static void both_halves_belong_together(void **state)
{
    (void)state;
    static struct halves halves;
    uint8_t memory[PRIVATE_KEY_MAX_SIGNATURE];
    struct buffer signature = buffer_over(memory, sizeof memory);
    make(&halves);
    struct private_key *private_key = private_key_prepare(buffer_bytes(&halves.private_key));
    struct public_key *public_key = public_key_prepare(buffer_bytes(&halves.public_key));
    assert_non_null(private_key);
    assert_non_null(public_key);
    assert_int_equal(private_key_kind(private_key), PRIVATE_KEY_RSA);
    assert_true(private_key_sign(private_key, BYTES("text"), &signature));
    assert_int_equal(signature.length, KEY_PAIR_BITS / 8);
    assert_true(public_key_verify(public_key, BYTES("text"), buffer_bytes(&signature)));
    assert_false(public_key_verify(public_key, BYTES("test"), buffer_bytes(&signature)));
    private_key_destroy(private_key);
    public_key_destroy(public_key);
}

static void no_two_are_the_same(void **state)
{
    (void)state;
    static struct halves one, two;
    make(&one);
    make(&two);
    assert_false(bytes_equal(buffer_bytes(&one.public_key), buffer_bytes(&two.public_key)));
}

static void too_little_room_is_a_failure(void **state)
{
    (void)state;
    static struct halves halves;
    halves.public_key = buffer_over(halves.memory[0], 100);
    halves.private_key = buffer_over(halves.memory[1], KEY_PAIR_MAX);
    assert_false(key_pair_generate(&halves.public_key, &halves.private_key));
    halves.public_key = buffer_over(halves.memory[0], KEY_PAIR_MAX);
    halves.private_key = buffer_over(halves.memory[1], 1000);
    assert_false(key_pair_generate(&halves.public_key, &halves.private_key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_halves_belong_together),
        cmocka_unit_test(no_two_are_the_same),
        cmocka_unit_test(too_little_room_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/scalar_keys.h"

static struct scalar_keys keys;

static size_t kept_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < SCALAR_KEY_SETS; i++)
        for (size_t way = 0; way < SCALAR_KEY_WAYS; way++) count += keys.kept[i][way].key != NULL;
    return count;
}

struct signer {
    uint8_t scalar[SCALAR_SIZE];
    uint8_t memory[SCALAR_MAX_SIGNATURE];
    struct bytes message;
    struct scalar_question question;
};

static void prepare(struct signer *signer, uint16_t number)
{
    *signer = (struct signer){.scalar = {[4] = (uint8_t)(number >> 8), [9] = (uint8_t)number, [31] = 1}, .message = BYTES("message")};
    struct buffer out = buffer_over(signer->memory, sizeof signer->memory);
    struct scalar_signer *with = scalar_signer_prepare(SCALAR_P256, signer->scalar);
    assert_true(scalar_signer_sign(with, signer->message, &out));
    scalar_signer_destroy(with);
    signer->question = (struct scalar_question){&signer->message, 1, buffer_bytes(&out)};
}

static void a_key_is_kept_once_it_held(void **state)
{
    struct signer right, wrong;
    (void)state;
    prepare(&right, 1);
    prepare(&wrong, 2);
    assert_false(scalar_keys_check(&keys, SCALAR_P256, right.scalar, &wrong.question));
    assert_int_equal(kept_count(), 0);
    assert_true(scalar_keys_check(&keys, SCALAR_P256, right.scalar, &right.question));
    assert_int_equal(kept_count(), 1);
    assert_true(scalar_keys_check(&keys, SCALAR_P256, right.scalar, &right.question));
    assert_false(scalar_keys_check(&keys, SCALAR_P256, right.scalar, &wrong.question));
    assert_int_equal(kept_count(), 1);
    scalar_keys_destroy(&keys);
    assert_int_equal(kept_count(), 0);
}

/* The same number on the other curve is another key. */
static void keys_of_two_curves_are_two(void **state)
{
    struct signer signer;
    (void)state;
    prepare(&signer, 1);
    assert_true(scalar_keys_check(&keys, SCALAR_P256, signer.scalar, &signer.question));
    assert_false(scalar_keys_check(&keys, SCALAR_SM2, signer.scalar, &signer.question));
    scalar_keys_destroy(&keys);
}

static void without_memory_it_is_the_same(void **state)
{
    struct signer right, wrong;
    (void)state;
    prepare(&right, 1);
    prepare(&wrong, 2);
    assert_true(scalar_keys_check(NULL, SCALAR_P256, right.scalar, &right.question));
    assert_false(scalar_keys_check(NULL, SCALAR_P256, right.scalar, &wrong.question));
}

static void more_than_there_is_room_for_push_each_other_out(void **state)
{
    struct signer signer;
    (void)state;
    for (uint16_t i = 0; i < 2 * SCALAR_KEY_SETS * SCALAR_KEY_WAYS; i++) {
        prepare(&signer, i);
        assert_true(scalar_keys_check(&keys, SCALAR_P256, signer.scalar, &signer.question));
    }
    assert_true(kept_count() <= SCALAR_KEY_SETS * SCALAR_KEY_WAYS);
    assert_true(scalar_keys_check(&keys, SCALAR_P256, signer.scalar, &signer.question));
    scalar_keys_destroy(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_kept_once_it_held),
        cmocka_unit_test(keys_of_two_curves_are_two),
        cmocka_unit_test(without_memory_it_is_the_same),
        cmocka_unit_test(more_than_there_is_room_for_push_each_other_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

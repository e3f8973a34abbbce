/* Values of the authors' reference (key and input 00 01 02 …), as OpenSSL's SIPHASH with 16 bytes gives them as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/siphash.h"

static const struct {
    size_t length;
    const char *expected;
} rows[] = {
    {0, "a3817f04ba25a8e66df67214c7550293"},
    {1, "da87c1d86b99af44347659119b22fc45"},
    {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
    {16, "6ee2a4ca67b054bbfd3315bf85230577"},
};

static struct siphash_key key_of(void)
{
    uint8_t key[SIPHASH_KEY_SIZE];
    for (size_t i = 0; i < sizeof key; i++) key[i] = (uint8_t)i;
    return siphash_key_of(key);
}

static void the_published_values(void **state)
{
    (void)state;
    struct siphash_key key = key_of();
    uint8_t input[16];
    for (size_t i = 0; i < sizeof input; i++) input[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[33] = "";
        struct siphash_value value = siphash_of(&key, bytes_of(input, rows[i].length));
        struct buffer hex = buffer_over(text, 32);
        hex_encode(&hex, bytes_of(&value, sizeof value));
        assert_string_equal(text, rows[i].expected);
    }
}

static bool differ(struct siphash_value a, struct siphash_value b)
{
    return a.words[0] != b.words[0] && a.words[1] != b.words[1];
}

static void another_cut_is_another_value(void **state)
{
    (void)state;
    struct siphash_key key = key_of();
    const struct bytes one[] = {BYTES("ab"), BYTES("c")}, two[] = {BYTES("a"), BYTES("bc")}, three[] = {BYTES("abc")};
    assert_true(differ(siphash_of_parts(&key, one, 2), siphash_of_parts(&key, two, 2)));
    assert_true(differ(siphash_of_parts(&key, one, 2), siphash_of_parts(&key, three, 1)));
    assert_false(differ(siphash_of_parts(&key, one, 2), siphash_of_parts(&key, one, 2)));
}

/* However the parts lie in words. */
static void parts_are_one_text_with_lengths(void **state)
{
    (void)state;
    struct siphash_key key = key_of();
    uint8_t text[40];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)(0xff - i);
    for (uint64_t first = 0; first <= 20; first++) {
        for (uint64_t second = 0; second <= 20; second++) {
            const struct bytes parts[] = {bytes_of(text, first), bytes_of(text + first, second)};
            uint8_t joined[56];
            memcpy(joined, &first, 8);
            memcpy(joined + 8, text, first);
            memcpy(joined + 8 + first, &second, 8);
            memcpy(joined + 16 + first, text + first, second);
            struct siphash_value apart = siphash_of_parts(&key, parts, 2), whole = siphash_of(&key, bytes_of(joined, 16 + first + second));
            assert_memory_equal(&apart, &whole, sizeof whole);
            struct siphash_state begun = siphash_begin(&key, parts, 1);
            struct siphash_value once = siphash_end(&begun, parts[1]), again = siphash_end(&begun, parts[1]);
            assert_memory_equal(&once, &whole, sizeof whole);
            assert_memory_equal(&again, &whole, sizeof whole);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_values),
        cmocka_unit_test(another_cut_is_another_value),
        cmocka_unit_test(parts_are_one_text_with_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

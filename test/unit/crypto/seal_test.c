/* AES-256-GCM against test cases 13, 14 and 16 of the GCM specification (McGrew and Viega, the examples of NIST SP 800-38D), then every
 * way in which a sealed secret must not open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/seal.h"

#define KEY_ID 0x01020304u

static struct bytes from_hex(const char *text, uint8_t *memory, size_t capacity)
{
    struct buffer out = buffer_over(memory, capacity);
    assert_true(hex_decode(&out, bytes_of_text(text)));
    return buffer_bytes(&out);
}

static const struct {
    const char *key, *nonce, *binding, *secret, *text, *tag;
} rows[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void published_cases(void **state)
{
    (void)state;
    uint8_t key[32], nonce[12], binding[32], secret[64], expected[128], sealed[128], opened[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        from_hex(rows[i].key, key, sizeof key);
        struct bytes place = from_hex(rows[i].binding, binding, sizeof binding);
        struct bytes plain = from_hex(rows[i].secret, secret, sizeof secret);
        struct buffer want = buffer_over(expected, sizeof expected);
        assert_true(hex_decode(&want, BYTES("0101020304")));
        assert_true(hex_decode(&want, bytes_of_text(rows[i].nonce)));
        assert_true(hex_decode(&want, bytes_of_text(rows[i].text)));
        assert_true(hex_decode(&want, bytes_of_text(rows[i].tag)));

        struct seal *seal = seal_prepare(key, KEY_ID);
        assert_non_null(seal);
        struct buffer out = buffer_over(sealed, sizeof sealed);
        assert_true(seal_close(seal, from_hex(rows[i].nonce, nonce, sizeof nonce), place, plain, &out));
        assert_int_equal(out.length, plain.length + SEAL_OVERHEAD);
        assert_true(bytes_equal(buffer_bytes(&out), buffer_bytes(&want)));
        struct buffer back = buffer_over(opened, sizeof opened);
        assert_true(seal_open(seal, place, buffer_bytes(&out), &back));
        assert_true(bytes_equal(buffer_bytes(&back), plain));
        seal_destroy(seal);
    }
}

/* A sealed secret to do harm to. */
struct sample {
    struct seal *seal;
    uint8_t memory[128];
    struct bytes sealed;
};

static const uint8_t sample_key[SEAL_KEY_SIZE] = "a key of thirty-two bytes length";

static int make_sample(void **state)
{
    static struct sample sample;
    sample.seal = seal_prepare(sample_key, KEY_ID);
    struct buffer out = buffer_over(sample.memory, sizeof sample.memory);
    if (sample.seal == NULL || !seal_close(sample.seal, BYTES("twelve bytes"), BYTES("place"), BYTES("the secret"), &out)) return -1;
    sample.sealed = buffer_bytes(&out);
    *state = &sample;
    return 0;
}

static int drop_sample(void **state)
{
    seal_destroy(((struct sample *)*state)->seal);
    return 0;
}

static void expect_shut(struct seal *seal, struct bytes binding, struct bytes sealed)
{
    uint8_t memory[160] = "before";
    struct buffer out = buffer_over(memory, sizeof memory);
    out.length = 6;
    assert_false(seal_open(seal, binding, sealed, &out));
    assert_true(bytes_equal(buffer_bytes(&out), BYTES("before")));
    for (size_t i = 6; i < sizeof memory; i++) assert_int_equal(memory[i], 0);
}

static void any_changed_bit_keeps_it_shut(void **state)
{
    struct sample *sample = *state;
    uint8_t changed[128];
    for (size_t bit = 0; bit < sample->sealed.length * 8; bit++) {
        memcpy(changed, sample->sealed.data, sample->sealed.length);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_shut(sample->seal, BYTES("place"), bytes_of(changed, sample->sealed.length));
    }
}

static void another_length_keeps_it_shut(void **state)
{
    struct sample *sample = *state;
    for (size_t length = 0; length < sample->sealed.length; length++)
        expect_shut(sample->seal, BYTES("place"), bytes_slice(sample->sealed, 0, length));
    expect_shut(sample->seal, BYTES("place"), bytes_of(sample->memory, sample->sealed.length + 1));
}

static void another_place_keeps_it_shut(void **state)
{
    struct sample *sample = *state;
    expect_shut(sample->seal, BYTES("Place"), sample->sealed);
    expect_shut(sample->seal, BYTES(""), sample->sealed);
    expect_shut(sample->seal, BYTES("place "), sample->sealed);
}

static void another_key_keeps_it_shut(void **state)
{
    struct sample *sample = *state;
    uint8_t key[SEAL_KEY_SIZE];
    memcpy(key, sample_key, sizeof key);
    struct seal *same_key_other_id = seal_prepare(key, KEY_ID + 1);
    key[31] ^= 1;
    struct seal *other_key_same_id = seal_prepare(key, KEY_ID);
    expect_shut(same_key_other_id, BYTES("place"), sample->sealed);
    expect_shut(other_key_same_id, BYTES("place"), sample->sealed);
    seal_destroy(same_key_other_id);
    seal_destroy(other_key_same_id);
}

static void it_opens_after_all_that(void **state)
{
    struct sample *sample = *state;
    uint8_t memory[10];
    struct buffer out = buffer_over(memory, sizeof memory);
    assert_true(seal_open(sample->seal, BYTES("place"), sample->sealed, &out));
    assert_true(bytes_equal(buffer_bytes(&out), BYTES("the secret")));
    struct buffer narrow = buffer_over(memory, sizeof memory - 1);
    assert_false(seal_open(sample->seal, BYTES("place"), sample->sealed, &narrow));
    assert_true(narrow.overflow);
}

static void close_refuses_a_wrong_nonce_and_little_room(void **state)
{
    struct sample *sample = *state;
    uint8_t memory[64];
    struct buffer out = buffer_over(memory, sizeof memory);
    assert_false(seal_close(sample->seal, BYTES("eleven byte"), BYTES("place"), BYTES("s"), &out));
    assert_false(seal_close(sample->seal, BYTES("thirteen byte"), BYTES("place"), BYTES("s"), &out));
    assert_int_equal(out.length, 0);
    struct buffer narrow = buffer_over(memory, SEAL_OVERHEAD);
    assert_false(seal_close(sample->seal, BYTES("twelve bytes"), BYTES("place"), BYTES("s"), &narrow));
    assert_true(narrow.overflow);
}

static void the_key_id_is_readable(void **state)
{
    struct sample *sample = *state;
    uint32_t key_id = 0;
    assert_true(seal_key_id(sample->sealed, &key_id));
    assert_int_equal(key_id, KEY_ID);
    assert_false(seal_key_id(bytes_slice(sample->sealed, 0, SEAL_OVERHEAD - 1), &key_id));
    assert_false(seal_key_id(BYTES(""), &key_id));
    uint8_t other_version[128];
    memcpy(other_version, sample->sealed.data, sample->sealed.length);
    other_version[0] = 2;
    assert_false(seal_key_id(bytes_of(other_version, sample->sealed.length), &key_id));
}

static void keys_beside_it_open_and_do_not_close(void **state)
{
    (void)state;
    static const uint8_t keys[4][SEAL_KEY_SIZE] = {{1}, {2}, {3}, {4}};
    uint8_t memory[2][64], clear[16];
    struct seal *former = seal_prepare(keys[0], 10), *now = seal_prepare(keys[1], 11);
    struct buffer of_former = buffer_over(memory[0], 64), of_now = buffer_over(memory[1], 64), opened = buffer_over(clear, sizeof clear);
    assert_true(seal_close(former, BYTES("0123456789ab"), BYTES("place"), BYTES("secret"), &of_former));
    assert_false(seal_open(now, BYTES("place"), buffer_bytes(&of_former), &opened));
    assert_true(seal_other_prepare(now, keys[0], 10));
    assert_true(seal_open(now, BYTES("place"), buffer_bytes(&of_former), &opened));
    assert_true(bytes_equal(buffer_bytes(&opened), BYTES("secret")));
    buffer_clear(&opened);
    assert_false(seal_open(now, BYTES("elsewhere"), buffer_bytes(&of_former), &opened));
    assert_true(seal_close(now, BYTES("0123456789ab"), BYTES("place"), BYTES("secret"), &of_now));
    uint32_t id;
    assert_true(seal_key_id(buffer_bytes(&of_now), &id) && id == 11);
    assert_false(seal_open(former, BYTES("place"), buffer_bytes(&of_now), &opened));
    assert_true(seal_other_prepare(now, keys[2], 12));
    assert_false(seal_other_prepare(now, keys[3], 13));
    seal_destroy(former);
    seal_destroy(now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_beside_it_open_and_do_not_close),
        cmocka_unit_test(published_cases),
        cmocka_unit_test(any_changed_bit_keeps_it_shut),
        cmocka_unit_test(another_length_keeps_it_shut),
        cmocka_unit_test(another_place_keeps_it_shut),
        cmocka_unit_test(another_key_keeps_it_shut),
        cmocka_unit_test(it_opens_after_all_that),
        cmocka_unit_test(close_refuses_a_wrong_nonce_and_little_room),
        cmocka_unit_test(the_key_id_is_readable),
    };
    return cmocka_run_group_tests(tests, make_sample, drop_sample);
}

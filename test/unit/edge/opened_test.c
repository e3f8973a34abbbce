#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/secret.h"
#include "edge/opened.h"

static uint8_t map[OPENED_SLOTS * 64]; /* stands for the map: only addresses count */

static int make(void **state)
{
    *state = calloc(1, sizeof(struct opened));
    return *state == NULL;
}

static int drop(void **state)
{
    free(*state);
    return 0;
}

static struct bytes known(const struct opened *opened, const uint8_t *sealed, uint64_t transaction)
{
    const struct opened_secret *found = opened_find(opened, opened_place_of(sealed), sealed, transaction);
    return found ? bytes_of(found->secret, found->length) : bytes_of(NULL, 0);
}

static void a_secret_is_known_in_its_transaction_only(void **state)
{
    struct opened *opened = *state;
    opened_forget(opened);
    opened_keep(opened, opened_place_of(map), map, 7, BYTES("secret"));
    assert_true(bytes_equal(known(opened, map, 7), BYTES("secret")));
    assert_int_equal(known(opened, map, 8).length, 0);
    assert_int_equal(known(opened, map, 6).length, 0);
    assert_int_equal(known(opened, map + 1, 7).length, 0);
    opened_keep(opened, opened_place_of(map), map, 8, BYTES("another"));
    assert_int_equal(known(opened, map, 7).length, 0);
    assert_true(bytes_equal(known(opened, map, 8), BYTES("another")));
}

static void long_and_empty_secrets_are_not_kept(void **state)
{
    struct opened *opened = *state;
    uint8_t text[OPENED_MAX + 1] = {1};
    opened_forget(opened);
    opened_keep(opened, opened_place_of(map), map, 0, bytes_of(text, sizeof text));
    assert_int_equal(known(opened, map, 0).length, 0);
    opened_keep(opened, opened_place_of(map), map, 0, BYTES(""));
    assert_int_equal(known(opened, map, 0).length, 0);
    opened_keep(opened, opened_place_of(map), map, 0, bytes_of(text, OPENED_MAX));
    assert_int_equal(known(opened, map, 0).length, OPENED_MAX);
}

/* More secrets than slots: whatever makes room leaves nothing of itself, and nobody gets another one's. */
static void what_makes_room_is_gone(void **state)
{
    struct opened *opened = *state;
    size_t count = 0;
    opened_forget(opened);
    for (size_t i = 0; i < sizeof map; i += 16) {
        uint32_t number = (uint32_t)i;
        opened_keep(opened, opened_place_of(map + i), map + i, 3, bytes_of(&number, sizeof number));
    }
    for (size_t i = 0; i < sizeof map; i += 16) {
        uint32_t number = (uint32_t)i;
        struct bytes found = known(opened, map + i, 3);
        if (found.length == 0) continue;
        assert_true(bytes_equal(found, bytes_of(&number, sizeof number)));
        count++;
    }
    assert_in_range(count, OPENED_SLOTS / 4, OPENED_SLOTS);
}

/* A quarter as many as slots, at the distances of records: few push each other out. */
static void callers_have_room_beside_each_other(void **state)
{
    struct opened *opened = *state;
    size_t count = 0;
    opened_forget(opened);
    for (size_t i = 0; i < OPENED_SLOTS / 4; i++) opened_keep(opened, opened_place_of(map + i * 112), map + i * 112, 3, BYTES("secret"));
    for (size_t i = 0; i < OPENED_SLOTS / 4; i++) count += known(opened, map + i * 112, 3).length > 0;
    assert_in_range(count, OPENED_SLOTS * 15 / 64, OPENED_SLOTS / 4);
}

/* Where a secret is kept says nothing of whose it is. */
static void secrets_of_one_place_are_told_apart(void **state)
{
    struct opened *opened = *state;
    const uint64_t place = 0x123456789abcdef0u;
    size_t count = 0;
    opened_forget(opened);
    for (uint8_t i = 0; i < 4 * OPENED_WAYS; i++) opened_keep(opened, place, map + i, 3, bytes_of(&i, 1));
    for (uint8_t i = 0; i < 4 * OPENED_WAYS; i++) {
        const struct opened_secret *found = opened_find(opened, place, map + i, 3);
        opened_fetch(opened, place + i);
        if (found == NULL) continue;
        assert_true(found->length == 1 && found->secret[0] == i);
        count++;
    }
    assert_in_range(count, 1, OPENED_WAYS);
    assert_null(opened_find(opened, opened_place_beside(place, 1), map, 3));
    opened_keep(opened, opened_place_beside(place, 1), map + 64, 3, BYTES("the second of a record"));
    assert_non_null(opened_find(opened, opened_place_beside(place, 1), map + 64, 3));
}

/* What stands ready beside a secret signs as the secret does. */
static void a_secret_is_ready_to_sign(void **state)
{
    struct opened *opened = *state;
    opened_keep(opened, opened_place_of(map), map, 1, BYTES("secret"));
    struct hmac_secret kept = {.ready = &opened_find(opened, opened_place_of(map), map, 1)->hmac};
    struct digest_value mac = hmac_by(DIGEST_SHA256, &kept, BYTES("text")),
                        expected = hmac_of(DIGEST_SHA256, BYTES("secret"), BYTES("text"));
    assert_true(secret_equal(digest_bytes(&mac), digest_bytes(&expected)));
    kept.text = BYTES("secret"); /* of SHA-256 only: another kind takes the secret itself */
    mac = hmac_by(DIGEST_SHA1, &kept, BYTES("text")), expected = hmac_of(DIGEST_SHA1, BYTES("secret"), BYTES("text"));
    assert_true(secret_equal(digest_bytes(&mac), digest_bytes(&expected)));
}

static uint64_t known_long(const struct opened *opened, const uint8_t *sealed, uint64_t transaction, uint8_t first)
{
    struct bytes secret;
    uint64_t number = opened_find_long(opened, sealed, transaction, &secret);
    if (number != 0) assert_int_equal(secret.data[0], first);
    return number;
}

static uint64_t keep_long(struct opened *opened, const uint8_t *sealed, uint64_t transaction, uint8_t first)
{
    uint8_t secret[OPENED_MAX + 100];
    memset(secret, first, sizeof secret);
    return opened_keep_long(opened, sealed, transaction, bytes_of(secret, sizeof secret));
}

/* Opened anew it has another number: what was made of the first text is not taken for what belongs to the second. */
static void a_long_secret_has_the_number_of_its_opening(void **state)
{
    struct opened *opened = *state;
    opened_forget(opened);
    uint64_t first = keep_long(opened, map, 7, 'a'), beside = keep_long(opened, map + 1, 7, 'b');
    assert_true(first != 0 && beside != 0 && first != beside);
    assert_true(known_long(opened, map, 7, 'a') == first && known_long(opened, map + 1, 7, 'b') == beside);
    assert_int_equal(known_long(opened, map, 8, 0), 0);
    uint64_t second = keep_long(opened, map, 8, 'c');
    assert_true(second != first && second != beside);
    assert_int_equal(known_long(opened, map, 7, 0), 0);
    assert_true(known_long(opened, map, 8, 'c') == second);
    opened_forget(opened);
    assert_int_equal(known_long(opened, map, 8, 0), 0);
    assert_true(keep_long(opened, map, 8, 'd') > second); /* the map moved: numbers go on */
}

static void long_secrets_make_room_and_are_gone(void **state)
{
    struct opened *opened = *state;
    uint8_t text[OPENED_LONG_MAX + 1] = {1};
    opened_forget(opened);
    assert_int_equal(opened_keep_long(opened, map, 0, bytes_of(text, sizeof text)), 0);
    assert_int_equal(opened_keep_long(opened, map, 0, bytes_of(text, OPENED_MAX)), 0);
    for (uint8_t i = 0; i < OPENED_LONG_SLOTS + 2; i++) assert_true(keep_long(opened, map + i, 3, (uint8_t)(i + 1)) != 0);
    for (uint8_t i = 0; i < OPENED_LONG_SLOTS + 2; i++) assert_int_equal(known_long(opened, map + i, 3, (uint8_t)(i + 1)) != 0, i >= 2);
    assert_true(memchr(opened->longer.secrets, 1, sizeof opened->longer.secrets) == NULL);
}

static void forgetting_leaves_no_byte(void **state)
{
    struct opened *opened = *state;
    opened_keep(opened, opened_place_of(map), map, 1, BYTES("secret"));
    keep_long(opened, map, 1, 'x');
    opened_forget(opened);
    for (size_t i = 0; i < sizeof *opened; i++) assert_int_equal(((uint8_t *)opened)[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_known_in_its_transaction_only),
        cmocka_unit_test(long_and_empty_secrets_are_not_kept),
        cmocka_unit_test(what_makes_room_is_gone),
        cmocka_unit_test(callers_have_room_beside_each_other),
        cmocka_unit_test(a_secret_is_ready_to_sign),
        cmocka_unit_test(secrets_of_one_place_are_told_apart),
        cmocka_unit_test(a_long_secret_has_the_number_of_its_opening),
        cmocka_unit_test(long_secrets_make_room_and_are_gone),
        cmocka_unit_test(forgetting_leaves_no_byte),
    };
    return cmocka_run_group_tests(tests, make, drop);
}

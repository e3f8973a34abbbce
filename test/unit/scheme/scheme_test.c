#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheme/pairs.h"
#include "scheme/scheme.h"
#include "support/sample.h"

static void schemes_are_found_by_id_and_name(void **state)
{
    (void)state;
    for (int id = SCHEME_NONE + 1; id < SCHEME_COUNT; id++) {
        const struct scheme *scheme = scheme_by_id((enum scheme_id)id);
        assert_non_null(scheme);
        assert_ptr_equal(scheme_by_name(bytes_of_text(scheme->name)), scheme);
        struct place place = scheme_default_place(scheme->id);
        assert_int_equal(place.scheme, id);
        assert_true(place.name.length > 0);
        bool mac = scheme->proof_kind == PROOF_MAC || scheme->proof_kind == PROOF_SECRET;
        assert_true(mac == (scheme->canonical != NULL) && mac == (scheme->sign != NULL) && mac == (scheme->candidate_count > 0));
    }
    assert_null(scheme_by_id(SCHEME_NONE));
    assert_null(scheme_by_name(BYTES("sdk-rsa-sha256")));
    assert_int_equal(scheme_default_place(SCHEME_NONE).name.length, 0);
}

static void the_empty_body_is_what_hashing_gives(void **state)
{
    (void)state;
    struct body_facts empty = body_empty(), hashed = body_facts_of(BYTES(""));
    assert_int_equal(empty.length, 0);
    assert_true(bytes_equal(digest_bytes(&empty.sha256), digest_bytes(&hashed.sha256)));
    assert_true(bytes_equal(digest_bytes(&empty.md5), digest_bytes(&hashed.md5)));
    assert_int_equal(empty.form.length, 0);
}

static void a_body_in_memory_has_all_facts(void **state)
{
    (void)state;
    struct body_facts facts = body_facts_of(BYTES("a=1"));
    assert_int_equal(facts.length, 3);
    assert_int_equal(facts.sha256.length, 32);
    assert_int_equal(facts.md5.length, 16);
    assert_bytes(facts.form, "a=1");
}

/* Names "a0", "a1" … in falling order, so that every item moves. */
static void pairs_are_sorted_and_stable(void **state)
{
    (void)state;
    static uint8_t memory[64 * 1024];
    static char names[100][32];
    struct arena arena = arena_over(memory, sizeof memory);
    for (size_t count = 0; count <= 100; count++) {
        struct pair items[100];
        struct pairs pairs = {.items = items, .count = count, .capacity = 100};
        for (size_t i = 0; i < count; i++) {
            snprintf(names[i], sizeof names[i], "n%03zu", (count - i) / 2);
            items[i] = (struct pair){bytes_of_text(names[i]), bytes_of(names[i], i % 5)};
        }
        size_t used = arena.used;
        assert_true(pairs_sort_by_name(&pairs, &arena));
        assert_int_equal(arena.used, used);
        for (size_t i = 1; i < count; i++) {
            int order = bytes_compare(items[i - 1].name, items[i].name);
            assert_true(order < 0 || (order == 0 && items[i - 1].name.data < items[i].name.data));
        }
        assert_true(pairs_sort(&pairs, &arena));
        assert_true(pairs_are_sorted(&pairs));
    }
}

static void a_full_arena_cannot_sort_many(void **state)
{
    (void)state;
    struct pair items[20] = {0};
    struct arena full = {0};
    struct pairs pairs = {.items = items, .count = 20};
    items[0].name = BYTES("z");
    assert_false(pairs_sort(&pairs, &full));
}

static void room_is_bounded(void **state)
{
    (void)state;
    static uint8_t memory[256 * 1024], text[PAIRS_MAX + 1];
    struct arena arena = arena_over(memory, sizeof memory);
    struct pairs pairs;
    memset(text, '&', sizeof text);
    assert_true(pairs_room(&pairs, &arena, bytes_of(text, PAIRS_MAX - 1), BYTES("")));
    assert_int_equal(pairs.capacity, PAIRS_MAX);
    assert_false(pairs_room(&pairs, &arena, bytes_of(text, PAIRS_MAX - 1), BYTES("a")));
}

static void decoding_borrows_when_it_can(void **state)
{
    (void)state;
    uint8_t memory[16];
    struct arena arena = arena_over(memory, sizeof memory);
    struct bytes plain = BYTES("a+b"), decoded;
    assert_true(pairs_decode(&arena, plain, false, &decoded));
    assert_ptr_equal(decoded.data, plain.data);
    assert_true(pairs_decode(&arena, plain, true, &decoded));
    assert_bytes(decoded, "a b");
    assert_false(pairs_decode(&arena, BYTES("a%2"), false, &decoded));
    assert_false(pairs_decode(&arena, BYTES("%41%41%41%41%41%41%41"), false, &decoded));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemes_are_found_by_id_and_name), cmocka_unit_test(the_empty_body_is_what_hashing_gives),
        cmocka_unit_test(a_body_in_memory_has_all_facts),   cmocka_unit_test(pairs_are_sorted_and_stable),
        cmocka_unit_test(a_full_arena_cannot_sort_many),    cmocka_unit_test(room_is_bounded),
        cmocka_unit_test(decoding_borrows_when_it_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/throttle.h"

static uint8_t memory[1024];

static struct throttle with_specials(const struct throttle_special *specials, size_t count)
{
    struct buffer run = buffer_over(memory, sizeof memory);
    for (size_t i = 0; i < count; i++) throttle_special_add(&run, &specials[i]);
    return (struct throttle){.limits = {1, 2, 3, 4, 5}, .specials = buffer_bytes(&run)};
}

static void a_special_limit_stands_in_place_of_the_policy_s(void **state)
{
    (void)state;
    const struct throttle_special specials[] = {
        {THROTTLE_APP, 10, BYTES("a")}, {THROTTLE_CONSUMER, 2147483647, BYTES("a")}, {THROTTLE_USER, 30, BYTES("u")}};
    const struct throttle throttle = with_specials(specials, 3);
    assert_int_equal(throttle_limit(&throttle, THROTTLE_APP, BYTES("a")), 10);
    assert_int_equal(throttle_limit(&throttle, THROTTLE_CONSUMER, BYTES("a")), 2147483647);
    assert_int_equal(throttle_limit(&throttle, THROTTLE_USER, BYTES("u")), 30);
    assert_int_equal(throttle_limit(&throttle, THROTTLE_USER, BYTES("a")), 2);
    assert_int_equal(throttle_limit(&throttle, THROTTLE_APP, BYTES("")), 3);
    assert_int_equal(throttle_limit(&throttle, THROTTLE_API, BYTES("")), 1);
}

static void without_specials_the_policy_counts(void **state)
{
    (void)state;
    const struct throttle throttle = with_specials(NULL, 0);
    assert_int_equal(throttle_limit(&throttle, THROTTLE_CONSUMER, BYTES("a")), 4);
}

static void a_damaged_run_gives_what_is_sound_and_no_more(void **state)
{
    (void)state;
    struct throttle_special special = {THROTTLE_APP, 10, BYTES("abc")};
    const struct throttle throttle = with_specials(&special, 1);
    for (size_t length = 0; length < throttle.specials.length; length++) {
        struct bytes rest = bytes_slice(throttle.specials, 0, length);
        assert_false(throttle_special_next(&rest, &special));
        assert_int_equal(rest.length, length);
    }
    memory[0] = THROTTLE_KINDS;
    struct bytes rest = throttle.specials;
    assert_false(throttle_special_next(&rest, &special));
}

static void an_id_that_is_too_long_overflows(void **state)
{
    (void)state;
    static uint8_t id[THROTTLE_MAX_ID + 1];
    struct buffer run = buffer_over(memory, sizeof memory);
    struct throttle_special special = {THROTTLE_APP, 1, bytes_of(id, sizeof id)};
    throttle_special_add(&run, &special);
    assert_true(run.overflow);
}

static void principals_are_counted_by_their_kind(void **state)
{
    (void)state;
    assert_int_equal(throttle_kind_of(PRINCIPAL_APP), THROTTLE_APP);
    assert_int_equal(throttle_kind_of(PRINCIPAL_CONSUMER), THROTTLE_CONSUMER);
    assert_int_equal(throttle_kind_of(PRINCIPAL_USER), THROTTLE_USER);
    assert_int_equal(throttle_kind_of(PRINCIPAL_NONE), THROTTLE_KINDS);
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < THROTTLE_KINDS; i++) assert_true(throttle_kind_name((enum throttle_kind)i)[0] != '\0');
    assert_string_equal(throttle_kind_name(THROTTLE_KINDS), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_special_limit_stands_in_place_of_the_policy_s),
        cmocka_unit_test(without_specials_the_policy_counts),
        cmocka_unit_test(a_damaged_run_gives_what_is_sound_and_no_more),
        cmocka_unit_test(an_id_that_is_too_long_overflows),
        cmocka_unit_test(principals_are_counted_by_their_kind),
        cmocka_unit_test(every_kind_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

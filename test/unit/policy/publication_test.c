#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/publication.h"

static struct place header_place(struct bytes name, struct bytes prefix)
{
    return (struct place){.scheme = SCHEME_API_KEY, .location = PLACE_HEADER, .name = name, .prefix = prefix};
}

static void equal_places_stand_once(void **state)
{
    (void)state;
    struct proof_plan plan = {.auth_type = AUTH_TYPE_APP};
    assert_true(proof_plan_add(&plan, header_place(BYTES("Authorization"), BYTES("Bearer "))));
    assert_true(proof_plan_add(&plan, header_place(BYTES("authorization"), BYTES("bearer "))));
    assert_int_equal(plan.place_count, 1);
    assert_true(proof_plan_add(&plan, header_place(BYTES("authorization"), BYTES(""))));
    assert_int_equal(plan.place_count, 2);
}

static void query_names_are_exact(void **state)
{
    (void)state;
    struct proof_plan plan = {.auth_type = AUTH_TYPE_APP};
    struct place place = {.scheme = SCHEME_API_KEY, .location = PLACE_QUERY, .name = BYTES("key")};
    assert_true(proof_plan_add(&plan, place));
    place.name = BYTES("Key");
    assert_true(proof_plan_add(&plan, place));
    assert_int_equal(plan.place_count, 2);
}

static void the_stricter_of_two_equal_places_counts(void **state)
{
    (void)state;
    struct proof_plan plan = {.auth_type = AUTH_TYPE_APP};
    struct place place = header_place(BYTES("x-key"), BYTES(""));
    place.pass_through = true;
    assert_true(proof_plan_add(&plan, place));
    place.pass_through = false;
    assert_true(proof_plan_add(&plan, place));
    assert_false(plan.places[0].pass_through);
}

static void a_full_plan_says_so(void **state)
{
    (void)state;
    struct proof_plan plan = {.auth_type = AUTH_TYPE_APP};
    for (uint8_t i = 0; i < PLAN_MAX_PLACES; i++) {
        static uint8_t names[PLAN_MAX_PLACES];
        names[i] = (uint8_t)('a' + i);
        assert_true(proof_plan_add(&plan, header_place(bytes_of(&names[i], 1), BYTES(""))));
    }
    assert_false(proof_plan_add(&plan, header_place(BYTES("one-more"), BYTES(""))));
    assert_true(proof_plan_add(&plan, header_place(BYTES("A"), BYTES(""))));
}

static void types_have_names(void **state)
{
    (void)state;
    assert_string_equal(auth_type_name(AUTH_TYPE_NONE), "NONE");
    assert_string_equal(auth_type_name(AUTH_TYPE_APP), "APP");
    assert_string_equal(auth_type_name(AUTH_TYPE_IAM), "IAM");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_places_stand_once),
        cmocka_unit_test(query_names_are_exact),
        cmocka_unit_test(the_stricter_of_two_equal_places_counts),
        cmocka_unit_test(a_full_plan_says_so),
        cmocka_unit_test(types_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

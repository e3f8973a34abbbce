#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/address_list.h"

#define V4(a, b, c, d) bytes_of((const uint8_t[]){a, b, c, d}, 4)

/* 10.0.0.0-10.255.255.255, 192.168.1.7, 203.0.113.5-203.0.113.9; 2001:db8::/32 */
static const uint8_t v4[] = {10, 0, 0, 0, 10, 255, 255, 255, 192, 168, 1, 7, 192, 168, 1, 7, 203, 0, 113, 5, 203, 0, 113, 9};
static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
                             0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static struct address_list list = {.v4 = {v4, sizeof v4}, .v6 = {v6, sizeof v6}};

static void both_ends_and_what_lies_between(void **state)
{
    (void)state;
    static const uint8_t inside[][4] = {{10, 0, 0, 0},    {10, 1, 2, 3},    {10, 255, 255, 255},
                                        {192, 168, 1, 7}, {203, 0, 113, 5}, {203, 0, 113, 9}};
    static const uint8_t outside[][4] = {{0, 0, 0, 0},     {9, 255, 255, 255}, {11, 0, 0, 0},     {192, 168, 1, 6},
                                         {192, 168, 1, 8}, {203, 0, 113, 4},   {203, 0, 113, 10}, {255, 255, 255, 255}};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) assert_true(address_list_admits(&list, bytes_of(inside[i], 4)));
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) assert_false(address_list_admits(&list, bytes_of(outside[i], 4)));
}

static void of_ipv6_too(void **state)
{
    (void)state;
    uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8, 1};
    assert_true(address_list_admits(&list, bytes_of(address, 16)));
    address[3] = 0xb9;
    assert_false(address_list_admits(&list, bytes_of(address, 16)));
}

static void a_list_that_denies_is_the_other_way_round(void **state)
{
    (void)state;
    struct address_list deny = list;
    deny.deny = true;
    assert_false(address_list_admits(&deny, V4(10, 1, 2, 3)));
    assert_true(address_list_admits(&deny, V4(11, 1, 2, 3)));
}

static void an_empty_list(void **state)
{
    (void)state;
    const struct address_list nobody = {.deny = false}, everybody = {.deny = true};
    assert_false(address_list_admits(&nobody, V4(10, 1, 2, 3)));
    assert_true(address_list_admits(&everybody, V4(10, 1, 2, 3)));
}

static void an_address_that_is_not_known_is_admitted_by_none(void **state)
{
    (void)state;
    struct address_list deny = {.deny = true};
    assert_false(address_list_admits(&list, BYTES("")));
    assert_false(address_list_admits(&deny, BYTES("")));
    assert_false(address_list_admits(&deny, BYTES("12345")));
}

static void only_sorted_ranges_that_are_apart_are_sound(void **state)
{
    (void)state;
    assert_true(address_list_is_sound(&list));
    struct address_list damaged = list;
    damaged.v4 = bytes_slice(list.v4, 0, 7);
    assert_false(address_list_is_sound(&damaged));
    damaged.v4 = bytes_of((const uint8_t[]){2, 0, 0, 0, 1, 0, 0, 0}, 8);
    assert_false(address_list_is_sound(&damaged));
    damaged.v4 = bytes_of((const uint8_t[]){1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}, 16);
    assert_false(address_list_is_sound(&damaged));
    damaged = list;
    damaged.v6 = bytes_slice(list.v6, 0, 16);
    assert_false(address_list_is_sound(&damaged));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_and_what_lies_between),
        cmocka_unit_test(of_ipv6_too),
        cmocka_unit_test(a_list_that_denies_is_the_other_way_round),
        cmocka_unit_test(an_empty_list),
        cmocka_unit_test(an_address_that_is_not_known_is_admitted_by_none),
        cmocka_unit_test(only_sorted_ranges_that_are_apart_are_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

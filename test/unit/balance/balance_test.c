#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/balance.h"

#include <string.h>

static struct edge_addresses with_weights(const char *weights)
{
    struct edge_addresses addresses = {.count = strlen(weights)};
    for (size_t i = 0; i < addresses.count; i++) addresses.items[i].weight = (uint8_t)weights[i];
    return addresses;
}

static void without_weights_they_take_turns(void **state)
{
    (void)state;
    struct edge_addresses alike = {.count = 3}, alone = {.count = 1}, none = {0};
    for (size_t turn = 0; turn < 12; turn++) {
        assert_int_equal(balance_first(&alike, turn), turn % 3);
        assert_int_equal(balance_first(&alone, turn), 0);
        assert_int_equal(balance_first(&none, turn), 0);
    }
}

/* Within so many requests, wherever they begin, nobody is more than one request and a bit away from his share. */
static void check_shares(const char *weights, size_t requests)
{
    const struct edge_addresses addresses = with_weights(weights);
    double total = 0;
    for (size_t i = 0; i < addresses.count; i++) total += addresses.items[i].weight;
    for (size_t start = 0; start < 5000; start += 97) {
        size_t counts[EDGE_MAX_ADDRESSES] = {0};
        for (size_t turn = start; turn < start + requests; turn++) {
            size_t first = balance_first(&addresses, turn);
            assert_true(first < addresses.count);
            counts[first]++;
        }
        for (size_t i = 0; i < addresses.count; i++) {
            double share = (double)requests * addresses.items[i].weight / total, off = (double)counts[i] - share;
            if (off < -4 || off > 4) fail_msg("%zu of %zu instead of %.1f from %zu on", counts[i], requests, share, start);
        }
    }
}

static void shares_are_as_the_weights_say(void **state)
{
    (void)state;
    check_shares("\x01\x01", 100);
    check_shares("\x01\x02\x03", 600);
    check_shares("\x01\x64", 1000);
    check_shares("\x64\x64\x64\x64\x64\x64\x64\x64\x64\x64\x64\x64\x64\x64\x64\x01", 1600);
}

/* Also over the turn of the counter. */
static void the_last_turn_is_one_like_others(void **state)
{
    (void)state;
    const struct edge_addresses addresses = with_weights("\x01\x63");
    for (size_t turn = SIZE_MAX - 500; turn != 500; turn++) assert_true(balance_first(&addresses, turn) < 2);
}

struct seen {
    unsigned down; /* a bit for each */
    unsigned asked;
};

static bool is_up(void *context, size_t index)
{
    struct seen *seen = context;
    seen->asked++;
    return (seen->down >> index & 1) == 0;
}

static void each_is_tried_once_and_then_from_the_start(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct balance_round round = {.next = 2};
    static const size_t expected[] = {2, 0, 1, 2, 0};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(balance_untried(&round, 3), i == 3 ? 0 : 3 - i % 3);
        assert_int_equal(balance_next(&round, 3, is_up, &seen), expected[i]);
    }
}

static void who_is_down_is_asked_last(void **state)
{
    (void)state;
    struct seen seen = {.down = 1u << 1 | 1u << 3};
    struct balance_round round = {.next = 1};
    static const size_t expected[] = {2, 0, 1, 3};
    for (size_t i = 0; i < 4; i++) assert_int_equal(balance_next(&round, 4, is_up, &seen), expected[i]);
    seen.down = ~0u;
    round = (struct balance_round){.next = 3};
    static const size_t all_down[] = {3, 0, 1, 2};
    for (size_t i = 0; i < 4; i++) assert_int_equal(balance_next(&round, 4, is_up, &seen), all_down[i]);
}

static void who_is_alone_is_not_asked_how_he_is(void **state)
{
    (void)state;
    struct seen seen = {.down = ~0u};
    struct balance_round round = {0};
    for (size_t i = 0; i < 3; i++) assert_int_equal(balance_next(&round, 1, is_up, &seen), 0);
    assert_int_equal(seen.asked, 0);
}

static void all_sixteen_have_a_bit(void **state)
{
    (void)state;
    struct seen seen = {.down = 1u << 15};
    struct balance_round round = {.next = 15};
    for (size_t i = 0; i < 15; i++) assert_int_equal(balance_next(&round, 16, is_up, &seen), i);
    assert_int_equal(balance_next(&round, 16, is_up, &seen), 15);
    assert_int_equal(balance_untried(&round, 16), 0);
}

#define RULE(fails, timeout) (&(const struct balance_rule){fails, timeout})

static void one_failure_takes_it_out_for_a_while(void **state)
{
    (void)state;
    struct balance_health health = {0};
    assert_false(balance_is_down(&health, RULE(1, 100), 5000));
    balance_failed(&health, RULE(1, 100), 5000);
    assert_true(balance_is_down(&health, RULE(1, 100), 5000));
    assert_true(balance_is_down(&health, RULE(1, 100), 5100));
}

/* Who gets "up" goes there; the others of that while do not. */
static void then_one_request_a_timeout_tries_it(void **state)
{
    (void)state;
    struct balance_health health = {0};
    balance_failed(&health, RULE(1, 100), 5000);
    assert_false(balance_is_down(&health, RULE(1, 100), 5101));
    assert_true(balance_is_down(&health, RULE(1, 100), 5101));
    assert_true(balance_is_down(&health, RULE(1, 100), 5201));
    assert_false(balance_is_down(&health, RULE(1, 100), 5202));
    balance_worked(&health);
    assert_false(balance_is_down(&health, RULE(1, 100), 5202));
    assert_false(balance_is_down(&health, RULE(1, 100), 5203));
}

static void failures_count_when_they_are_close(void **state)
{
    (void)state;
    struct balance_health health = {0};
    for (uint64_t now = 1000; now < 5000; now += 101) {
        balance_failed(&health, RULE(2, 100), now);
        assert_false(balance_is_down(&health, RULE(2, 100), now));
    }
    balance_failed(&health, RULE(2, 100), 5100);
    balance_failed(&health, RULE(2, 100), 5200);
    assert_true(balance_is_down(&health, RULE(2, 100), 5200));
}

static void a_success_in_between_makes_them_none(void **state)
{
    (void)state;
    struct balance_health health = {0};
    for (uint64_t now = 1000; now < 2000; now += 10) {
        balance_failed(&health, RULE(2, 100), now);
        assert_false(balance_is_down(&health, RULE(2, 100), now));
        balance_worked(&health);
    }
}

static void a_rule_of_none_takes_nothing_out(void **state)
{
    (void)state;
    struct balance_health health = {0};
    for (uint64_t now = 1000; now < 2000; now++) {
        balance_failed(&health, RULE(0, 100), now);
        assert_false(balance_is_down(&health, RULE(0, 100), now));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_weights_they_take_turns),
        cmocka_unit_test(shares_are_as_the_weights_say),
        cmocka_unit_test(the_last_turn_is_one_like_others),
        cmocka_unit_test(each_is_tried_once_and_then_from_the_start),
        cmocka_unit_test(who_is_down_is_asked_last),
        cmocka_unit_test(who_is_alone_is_not_asked_how_he_is),
        cmocka_unit_test(all_sixteen_have_a_bit),
        cmocka_unit_test(one_failure_takes_it_out_for_a_while),
        cmocka_unit_test(then_one_request_a_timeout_tries_it),
        cmocka_unit_test(failures_count_when_they_are_close),
        cmocka_unit_test(a_success_in_between_makes_them_none),
        cmocka_unit_test(a_rule_of_none_takes_nothing_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How often something may be tried, and that nobody gets around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "control/attempts.h"
#include "crypto/digest.h"

#define FLOOD 60000 /* names: several for each place of the memory */

static void tries_are_counted_apart(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_make();
    struct attempt one = {"x", BYTES("user"), BYTES("10.0.0.1"), 2, 60};
    struct attempt two = {"x", BYTES("user"), BYTES("10.0.0.2"), 2, 60};
    assert_true(attempt_take(attempts, &one, 1000) && attempt_take(attempts, &one, 1001));
    assert_false(attempt_take(attempts, &one, 1059));
    assert_true(attempt_take(attempts, &two, 1059));
    assert_true(attempt_take(attempts, &one, 1060)); /* a new minute */
    assert_true(attempt_take(attempts, &one, 1061));
    assert_false(attempt_take(attempts, &one, 1062));
    attempt_forget(attempts, &one);
    assert_true(attempt_take(attempts, &one, 1062));
    assert_true(attempt_take(attempts, &one, 1062));
    attempt_give_back(attempts, &one); /* one of the two */
    assert_true(attempt_take(attempts, &one, 1062));
    assert_false(attempt_take(attempts, &one, 1062));
    attempts_destroy(attempts);
}

static void costly_work_has_few_places(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_make();
    assert_true(attempts_enter(attempts) && attempts_enter(attempts));
    attempts_leave(attempts);
    assert_true(attempts_enter(attempts));
    attempts_destroy(attempts);
}

/* Five failures, so that the next one is one too many. */
static void shut(struct attempts *attempts, const struct attempt *victim)
{
    for (unsigned i = 0; i < victim->most; i++) assert_true(attempt_take(attempts, victim, 1000));
    assert_false(attempt_take(attempts, victim, 1000));
}

static struct attempt of_name(char text[static 24], unsigned number)
{
    int length = snprintf(text, 24, "name%u", number);
    return (struct attempt){"password of", bytes_of(text, (size_t)length), BYTES("10.0.0.9"), 5, 900};
}

static void a_flood_of_names_opens_nothing(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_make();
    const struct attempt victim = {"password of", BYTES("administrator"), BYTES("10.0.0.9"), 5, 900};
    shut(attempts, &victim);
    for (unsigned i = 0; i < FLOOD; i++) {
        char text[24];
        const struct attempt other = of_name(text, i);
        (void)attempt_take(attempts, &other, 1001);
    }
    assert_false(attempt_take(attempts, &victim, 1002));
    attempts_destroy(attempts);
}

static void what_is_over_makes_room_first(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_make();
    const struct attempt victim = {"password of", BYTES("administrator"), BYTES("10.0.0.9"), 5, 900};
    char text[24];
    for (unsigned i = 0; i < FLOOD; i++) {
        struct attempt other = of_name(text, i);
        other.most = 20;
        for (unsigned j = 0; j < other.most; j++) (void)attempt_take(attempts, &other, 1);
    }
    shut(attempts, &victim);
    for (unsigned i = 0; i < FLOOD; i++) {
        const struct attempt other = of_name(text, FLOOD + i);
        (void)attempt_take(attempts, &other, 1001);
    }
    assert_false(attempt_take(attempts, &victim, 1002));
    attempts_destroy(attempts);
}

/* The place of a name in a memory whose hash anybody can work out. */
static unsigned place_of(struct bytes who)
{
    const struct bytes parts[] = {BYTES("password of"), who, BYTES("10.0.0.9")};
    struct digest digest;
    digest_start(&digest, DIGEST_SHA256);
    for (size_t i = 0; i < 3; i++) {
        uint64_t length = parts[i].length;
        digest_add(&digest, bytes_of(&length, sizeof length));
        digest_add(&digest, parts[i]);
    }
    struct digest_value value = digest_finish(&digest);
    return ((unsigned)value.data[16] << 8 | value.data[17]) % 2048;
}

static void nobody_works_out_which_names_share_a_place(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_make();
    const struct attempt victim = {"password of", BYTES("administrator"), BYTES("10.0.0.9"), 5, 900};
    for (unsigned i = 0; i < 4; i++) assert_true(attempt_take(attempts, &victim, 1000));
    unsigned found = 0;
    for (unsigned i = 0; found < 8; i++) {
        char text[24];
        const struct attempt other = of_name(text, i);
        if (place_of(other.who) != place_of(victim.who)) continue;
        found++;
        for (unsigned j = 0; j < 5; j++) assert_true(attempt_take(attempts, &other, 1001));
    }
    assert_true(attempt_take(attempts, &victim, 1002));
    assert_false(attempt_take(attempts, &victim, 1002));
    attempts_destroy(attempts);
}

static bool is_same_source(const char *one, const char *other)
{
    struct attempts *attempts = attempts_make();
    const struct attempt first = {"x", BYTES("user"), bytes_of_text(one), 1, 60};
    const struct attempt second = {"x", BYTES("user"), bytes_of_text(other), 1, 60};
    assert_true(attempt_take(attempts, &first, 1000));
    bool same = !attempt_take(attempts, &second, 1000);
    attempts_destroy(attempts);
    return same;
}

/* Whoever has one IPv6 address has the 2^64 of its network. */
static void an_ipv6_network_is_one_source(void **state)
{
    (void)state;
    assert_true(is_same_source("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
    assert_false(is_same_source("2001:db8:1:2::1", "2001:db8:1:3::1"));
    assert_false(is_same_source("::ffff:10.0.0.1", "::ffff:10.0.0.2"));
    assert_true(is_same_source("::ffff:10.0.0.1", "10.0.0.1"));
    assert_false(is_same_source("10.0.0.1", "10.0.0.2"));
    assert_false(is_same_source("unix:", "10.0.0.2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tries_are_counted_apart),
        cmocka_unit_test(costly_work_has_few_places),
        cmocka_unit_test(a_flood_of_names_opens_nothing),
        cmocka_unit_test(what_is_over_makes_room_first),
        cmocka_unit_test(nobody_works_out_which_names_share_a_place),
        cmocka_unit_test(an_ipv6_network_is_one_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

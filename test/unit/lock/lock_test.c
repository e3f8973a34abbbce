#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lock/lock.h"

#define NOW 1700000000

static char directory[64], path[128], problem[256];
static struct lock lock;
static const struct lock_rule rule = {.failures = 5, .seconds = 300, .most = 3600};

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/lock-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/%s", directory, lock_form.name);
    const struct mapped_place place = {directory, NULL};
    if (!mapped_provide(&place, &lock_form, lock_size(), problem)) fail_msg("%s", problem);
    assert_true(lock_open(&lock, directory, problem));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lock_close(&lock);
    unlink(path);
    rmdir(directory);
    return 0;
}

static struct lock_attempt attempt_at(int64_t now)
{
    return (struct lock_attempt){.instance = BYTES("i"), .key_id = BYTES("k"), .source = BYTES("\x7f\0\0\1"), .now = now};
}

static enum lock_answer look(int64_t now)
{
    struct lock_attempt attempt = attempt_at(now);
    return lock_look(&lock, &rule, &attempt);
}

static void fail_times(unsigned times, int64_t now)
{
    struct lock_attempt attempt = attempt_at(now);
    for (unsigned i = 0; i < times; i++) lock_failed(&lock, &rule, &attempt);
}

static void it_shuts_after_so_many_failures(void **state)
{
    (void)state;
    assert_int_equal(look(NOW), LOCK_OPEN);
    fail_times(4, NOW);
    assert_int_equal(look(NOW), LOCK_WATCHED);
    fail_times(1, NOW);
    assert_int_equal(look(NOW), LOCK_SHUT);
    assert_int_equal(look(NOW + 299), LOCK_SHUT);
    assert_int_equal(look(NOW + 300), LOCK_WATCHED);
}

static void a_success_in_between_begins_anew(void **state)
{
    (void)state;
    struct lock_attempt attempt = attempt_at(NOW);
    fail_times(4, NOW);
    lock_succeeded(&lock, &attempt);
    assert_int_equal(look(NOW), LOCK_OPEN);
    fail_times(4, NOW);
    assert_int_equal(look(NOW), LOCK_WATCHED);
}

static void each_failure_after_it_doubles_the_time(void **state)
{
    (void)state;
    int64_t now = NOW;
    uint32_t expected[] = {300, 600, 1200, 2400, 3600, 3600, 3600};
    fail_times(5, now);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(look(now + expected[i] - 1), LOCK_SHUT);
        assert_int_equal(look(now + expected[i]), LOCK_WATCHED);
        now += expected[i];
        fail_times(1, now);
    }
    fail_times(40, now);
    assert_int_equal(look(now + 3599), LOCK_SHUT);
    assert_int_equal(look(now + 3600), LOCK_WATCHED);
}

static void failures_are_forgotten(void **state)
{
    (void)state;
    fail_times(4, NOW);
    assert_int_equal(look(NOW + 300), LOCK_WATCHED);
    assert_int_equal(look(NOW + 301), LOCK_OPEN);
    fail_times(1, NOW + 301);
    assert_int_equal(look(NOW + 301), LOCK_WATCHED); /* one, not five */
    fail_times(4, NOW + 301);
    assert_int_equal(look(NOW + 301), LOCK_SHUT);
    assert_int_equal(look(NOW + 301 + 300 + 3600), LOCK_WATCHED);
    assert_int_equal(look(NOW + 301 + 300 + 3601), LOCK_OPEN);
}

static void nobody_locks_anybody_else(void **state)
{
    (void)state;
    struct lock_attempt other = attempt_at(NOW);
    fail_times(5, NOW);
    other.source = BYTES("\x7f\0\0\2");
    assert_int_equal(lock_look(&lock, &rule, &other), LOCK_OPEN);
    other = attempt_at(NOW);
    other.key_id = BYTES("another");
    assert_int_equal(lock_look(&lock, &rule, &other), LOCK_OPEN);
    other = attempt_at(NOW);
    other.instance = BYTES("j");
    assert_int_equal(lock_look(&lock, &rule, &other), LOCK_OPEN);
}

static void a_clock_that_lags_opens_nothing(void **state)
{
    (void)state;
    fail_times(5, NOW);
    assert_int_equal(look(NOW - 3), LOCK_SHUT);
}

/* One that is ahead and comes back, and one that goes back while the same key fails again. */
static void a_clock_that_comes_back_opens_nothing(void **state)
{
    (void)state;
    fail_times(5, NOW + 90000);
    assert_int_equal(look(NOW), LOCK_SHUT);
    fail_times(1, NOW);
    assert_int_equal(look(NOW + 1), LOCK_SHUT);
    fail_times(1, NOW + 90000);
    assert_int_equal(look(NOW + 90000 + 1), LOCK_WATCHED); /* one: the others are a day old */
}

/* Some thousand keys fall into the same groups: nobody's failure hides another's, and a success takes back its own alone. */
static void each_of_many_keys_is_found(void **state)
{
    (void)state;
    enum { KEYS = 6000 };
    static char keys[KEYS][16];
    for (unsigned i = 0; i < KEYS; i++) {
        snprintf(keys[i], sizeof keys[i], "key-%u", i);
        struct lock_attempt attempt = attempt_at(NOW + i % 3);
        attempt.key_id = bytes_of_text(keys[i]);
        lock_failed(&lock, &rule, &attempt);
    }
    for (unsigned i = 0; i < KEYS; i++) {
        struct lock_attempt attempt = attempt_at(NOW + 300);
        attempt.key_id = bytes_of_text(keys[i]);
        assert_int_equal(lock_look(&lock, &rule, &attempt), LOCK_WATCHED);
        lock_succeeded(&lock, &attempt);
        assert_int_equal(lock_look(&lock, &rule, &attempt), LOCK_OPEN);
    }
}

/* Whatever the lock's own time and the longest one are. */
static void failures_count_by_the_rule_of_whoever_looks(void **state)
{
    (void)state;
    struct lock_attempt later = attempt_at(NOW + 20000);
    const struct lock_rule longer = {.failures = 5, .seconds = 15000, .most = 15000}, odd = {.failures = 9, .seconds = 20000, .most = 1};
    fail_times(5, NOW);
    assert_int_equal(lock_look(&lock, &rule, &later), LOCK_OPEN);
    assert_int_equal(lock_look(&lock, &longer, &later), LOCK_WATCHED);
    assert_int_equal(lock_look(&lock, &odd, &later), LOCK_WATCHED);
}

static void a_flood_does_not_open_what_is_shut(void **state)
{
    (void)state;
    fail_times(6, NOW);
    for (unsigned i = 0; i < 500000; i++) {
        char key[32];
        snprintf(key, sizeof key, "flood-%u", i);
        struct lock_attempt attempt = attempt_at(NOW + 1);
        attempt.key_id = bytes_of_text(key);
        lock_failed(&lock, &rule, &attempt);
    }
    assert_int_equal(look(NOW + 2), LOCK_SHUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_shuts_after_so_many_failures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_success_in_between_begins_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_failure_after_it_doubles_the_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failures_are_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_locks_anybody_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clock_that_lags_opens_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clock_that_comes_back_opens_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_of_many_keys_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failures_count_by_the_rule_of_whoever_looks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flood_does_not_open_what_is_shut, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

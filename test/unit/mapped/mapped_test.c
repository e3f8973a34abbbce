#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "mapped/mapped.h"

#define SIZE 65536

static const struct mapped_form form = {.name = "sample.map", .kind = 77, .format = 1, .least = 4096, .most = 1 << 20};
static char directory[64], path[128], problem[256];

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/mapped-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/%s", directory, form.name);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    rmdir(directory);
    return 0;
}

static void provide(const struct mapped_form *wanted, size_t size)
{
    const struct mapped_place place = {directory, NULL};
    if (!mapped_provide(&place, wanted, size, problem)) fail_msg("%s", problem);
}

static void two_openers_share_it(void **state)
{
    (void)state;
    struct mapped one, two;
    provide(&form, SIZE);
    assert_true(mapped_open(&one, directory, &form, problem));
    assert_true(mapped_open(&two, directory, &form, problem));
    assert_int_equal(one.size, SIZE);
    assert_int_equal((uintptr_t)one.memory % 4096, 0);
    assert_int_equal(one.memory[SIZE - 1], 0);
    one.memory[SIZE - 1] = 42;
    assert_int_equal(two.memory[SIZE - 1], 42);
    assert_memory_equal(one.key, two.key, sizeof one.key);
    mapped_close(&one);
    mapped_close(&two);
    mapped_close(&two);
}

static void what_is_there_stays(void **state)
{
    (void)state;
    struct mapped mapped;
    provide(&form, SIZE);
    assert_true(mapped_open(&mapped, directory, &form, problem));
    mapped.memory[7] = 7;
    mapped_close(&mapped);
    provide(&form, 2 * SIZE);
    assert_true(mapped_open(&mapped, directory, &form, problem));
    assert_int_equal(mapped.size, SIZE);
    assert_int_equal(mapped.memory[7], 7);
    mapped_close(&mapped);
}

static void another_format_is_another_file(void **state)
{
    (void)state;
    struct mapped mapped, old;
    struct mapped_form next = form;
    next.format = 2;
    provide(&form, SIZE);
    assert_true(mapped_open(&old, directory, &form, problem));
    assert_false(mapped_open(&mapped, directory, &next, problem));
    provide(&next, SIZE);
    assert_true(mapped_open(&mapped, directory, &next, problem));
    mapped.memory[0] = 1;
    assert_int_equal(old.memory[0], 0); /* who has the old one mapped goes on with it */
    assert_memory_not_equal(old.key, mapped.key, sizeof old.key);
    mapped_close(&mapped);
    mapped_close(&old);
}

static void what_is_none_of_ours_is_not_opened(void **state)
{
    (void)state;
    struct mapped mapped;
    assert_false(mapped_open(&mapped, directory, &form, problem));
    assert_non_null(strstr(problem, "sample.map"));
    provide(&form, SIZE);
    assert_int_equal(truncate(path, SIZE), 0); /* shorter than its head says: touching the rest would be a bus error */
    assert_false(mapped_open(&mapped, directory, &form, problem));
    assert_int_equal(truncate(path, 10), 0);
    assert_false(mapped_open(&mapped, directory, &form, problem));
    provide(&form, SIZE);
    assert_true(mapped_open(&mapped, directory, &form, problem));
    mapped_close(&mapped);
}

static void its_group_may_write_and_nobody_else_read(void **state)
{
    (void)state;
    struct stat status;
    provide(&form, SIZE);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0660);
    assert_true(status.st_blocks * 512 >= SIZE); /* no hole: a full disk must not be a bus error later */
    assert_int_equal(chmod(path, 0600), 0);
    provide(&form, SIZE);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0660);
}

static void a_directory_that_is_not_there_is_a_problem(void **state)
{
    (void)state;
    const struct mapped_place place = {"/nowhere/at/all", NULL};
    assert_false(mapped_provide(&place, &form, SIZE, problem));
    assert_non_null(strstr(problem, "/nowhere/at/all"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_openers_share_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_there_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_format_is_another_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_none_of_ours_is_not_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(its_group_may_write_and_nobody_else_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_that_is_not_there_is_a_problem, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

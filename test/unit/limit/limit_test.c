#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "limit/limit.h"

#define NOW 1700000010 /* 30 seconds into a minute */

static char directory[64], path[128], problem[256];
static struct limit limit;

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/limit-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/%s", directory, limit_form.name);
    const struct mapped_place place = {directory, NULL};
    if (!mapped_provide(&place, &limit_form, limit_size(), problem)) fail_msg("%s", problem);
    assert_true(limit_open(&limit, directory, problem));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    limit_close(&limit);
    unlink(path);
    rmdir(directory);
    return 0;
}

static struct limit_use use_at(const char *whose, uint32_t most, int64_t now)
{
    return (struct limit_use){
        .name = {BYTES("i"), BYTES("policy"), BYTES("a"), bytes_of_text(whose)}, .most = most, .seconds = 60, .now = now};
}

static unsigned take_times(const struct limit_use *use, unsigned times)
{
    unsigned admitted = 0;
    struct limit_taken taken;
    for (unsigned i = 0; i < times; i++) admitted += limit_take(&limit, use, &taken);
    return admitted;
}

static void as_many_as_there_may_be(void **state)
{
    (void)state;
    const struct limit_use use = use_at("p", 5, NOW);
    assert_int_equal(take_times(&use, 5), 5);
    assert_int_equal(take_times(&use, 3), 0);
}

static void each_name_counts_for_itself(void **state)
{
    (void)state;
    const struct limit_use one = use_at("p", 2, NOW), other = use_at("q", 2, NOW);
    struct limit_use joined = use_at("", 2, NOW);
    joined.name[2] = BYTES("ap");
    assert_int_equal(take_times(&one, 9), 2);
    assert_int_equal(take_times(&other, 9), 2);
    assert_int_equal(take_times(&joined, 9), 2);
}

static void the_next_period_begins_anew(void **state)
{
    (void)state;
    const struct limit_use last = use_at("p", 2, NOW + 29), next = use_at("p", 2, NOW + 30), late = use_at("p", 2, NOW + 90);
    assert_int_equal(limit_wait(&last), 1);
    assert_int_equal(limit_wait(&next), 60);
    assert_int_equal(take_times(&last, 9), 2);
    assert_int_equal(take_times(&next, 9), 2);
    assert_int_equal(take_times(&last, 9), 0);
    assert_int_equal(take_times(&late, 9), 2);
}

static void another_limit_counts_what_was_counted(void **state)
{
    (void)state;
    const struct limit_use less = use_at("p", 2, NOW), more = use_at("p", 5, NOW);
    assert_int_equal(take_times(&less, 9), 2);
    assert_int_equal(take_times(&more, 9), 3);
    assert_int_equal(take_times(&less, 9), 0);
}

static void what_is_given_back_may_be_taken_again(void **state)
{
    (void)state;
    const struct limit_use use = use_at("p", 2, NOW);
    struct limit_taken taken;
    assert_true(limit_take(&limit, &use, &taken));
    assert_int_equal(take_times(&use, 9), 1);
    limit_give_back(&taken);
    assert_int_equal(take_times(&use, 9), 1);
    for (int i = 0; i < 9; i++) limit_give_back(&taken);
    assert_int_equal(take_times(&use, 9), 2);
}

static void it_survives_being_closed(void **state)
{
    (void)state;
    const struct limit_use use = use_at("p", 3, NOW);
    assert_int_equal(take_times(&use, 2), 2);
    limit_close(&limit);
    assert_true(limit_open(&limit, directory, problem));
    assert_int_equal(take_times(&use, 9), 1);
}

/* Many counters at once: none of them is another's, and no period of theirs is over. */
static void many_counters_are_exact(void **state)
{
    (void)state;
    char name[16];
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 50000; i++) {
            snprintf(name, sizeof name, "%u", i);
            const struct limit_use use = use_at(name, 2, NOW);
            assert_int_equal(take_times(&use, round + 1), 1);
        }
    }
}

/* More than there is room for: the busy one is not forgotten. */
static void a_flood_makes_the_smallest_counts_go(void **state)
{
    (void)state;
    char name[16];
    const struct limit_use busy = use_at("busy", 100, NOW);
    assert_int_equal(take_times(&busy, 100), 100);
    for (unsigned i = 0; i < 600000; i++) {
        snprintf(name, sizeof name, "%u", i);
        const struct limit_use use = use_at(name, 9, NOW);
        assert_int_equal(take_times(&use, 1), 1);
    }
    assert_int_equal(take_times(&busy, 1), 0);
}

/* A worker that died between claim and count. */
static void a_claim_without_owner_is_taken_away(void **state)
{
    (void)state;
    const struct limit_use use = use_at("p", 2, NOW);
    struct limit_taken taken;
    assert_true(limit_take(&limit, &use, &taken));
    for (size_t i = 0; i < limit_size() / sizeof *limit.entries; i++) limit.entries[i].whose &= ~(1ull << 32);
    assert_int_equal(take_times(&use, 9), 1);
}

#define WORKERS 4
#define ROUNDS  300
#define MOST    1000

/* Each worker wants all there are, of counters that none has seen before, all at once. */
static unsigned race(unsigned *ready, unsigned round)
{
    char name[16];
    unsigned admitted = 0;
    struct limit_taken taken;
    snprintf(name, sizeof name, "r%u", round);
    const struct limit_use use = use_at(name, round % 2 == 0 ? MOST : 1, NOW + (int64_t)round);
    __atomic_add_fetch(ready, 1, __ATOMIC_SEQ_CST);
    for (unsigned spins = 0; __atomic_load_n(ready, __ATOMIC_SEQ_CST) < WORKERS * (round + 1); spins++)
        if (spins % 1000 == 999) usleep(1);
    for (unsigned i = 0; i < MOST; i++) {
        bool took = limit_take(&limit, &use, &taken);
        if (took && i % 7 == 6) {
            limit_give_back(&taken);
        } else {
            admitted += took;
        }
    }
    return admitted;
}

static void workers_together_admit_exactly_so_many(void **state)
{
    (void)state;
    unsigned *shared = mmap(NULL, 4096 * 4, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    for (int worker = 0; worker < WORKERS; worker++) {
        pid_t child = fork();
        if (child != 0) continue;
        for (unsigned round = 0; round < ROUNDS; round++) __atomic_add_fetch(&shared[1 + round], race(shared, round), __ATOMIC_SEQ_CST);
        _exit(0);
    }
    for (int status; wait(&status) > 0;) assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (unsigned round = 0; round < ROUNDS; round++) assert_int_equal(shared[1 + round], round % 2 == 0 ? MOST : 1);
    munmap(shared, 4096 * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_many_as_there_may_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_name_counts_for_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_next_period_begins_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_limit_counts_what_was_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_given_back_may_be_taken_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_survives_being_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_counters_are_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flood_makes_the_smallest_counts_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_claim_without_owner_is_taken_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(workers_together_admit_exactly_so_many, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <sched.h>
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

#include "replay/callers.h"
#include "replay/slots.h"

#define NOW 1700000000

static char directory[64], path[128], problem[256];
static struct replay replay;

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/replay-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/%s", directory, replay_form.name);
    const struct mapped_place place = {directory, NULL};
    if (!mapped_provide(&place, &replay_form, replay_size_for(1), problem)) fail_msg("%s", problem);
    if (!replay_open(&replay, directory, problem)) fail_msg("%s", problem);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    replay_close(&replay);
    unlink(path);
    rmdir(directory);
    return 0;
}

static struct replay_question question(const char *nonce)
{
    return (struct replay_question){.instance = BYTES("i"),
                                    .principal_id = BYTES("p"),
                                    .credential_id = BYTES("c"),
                                    .nonce = bytes_of_text(nonce),
                                    .until = NOW + 900,
                                    .now = NOW};
}

static enum replay_answer ask(struct replay_question asked)
{
    struct replay_place place = replay_find(&replay, &asked);
    return replay_ask(&replay, &asked, &place);
}

static enum replay_answer ask_number(unsigned long number, int64_t now)
{
    char nonce[32];
    snprintf(nonce, sizeof nonce, "%lu", number);
    struct replay_question asked = question(nonce);
    asked.now = now;
    asked.until = now + 900;
    return ask(asked);
}

static void once_and_not_again(void **state)
{
    (void)state;
    assert_int_equal(ask(question("n")), REPLAY_UNSEEN);
    assert_int_equal(ask(question("n")), REPLAY_SEEN);
    assert_int_equal(ask(question("m")), REPLAY_UNSEEN);
}

static void a_nonce_belongs_to_its_credential_and_instance(void **state)
{
    (void)state;
    struct replay_question other = question("n");
    assert_int_equal(ask(question("n")), REPLAY_UNSEEN);
    other.credential_id = BYTES("c2");
    assert_int_equal(ask(other), REPLAY_UNSEEN);
    other.instance = BYTES("j");
    assert_int_equal(ask(other), REPLAY_UNSEEN);
    other.principal_id = BYTES("the credential decides");
    assert_int_equal(ask(other), REPLAY_SEEN);
}

#define IDS 6000 /* more than are kept */

static struct replay_question question_of_usual_ids(unsigned instance, unsigned principal, unsigned credential)
{
    static char texts[3][REPLAY_CALLER_ID + 1];
    const unsigned numbers[] = {instance, principal, credential};
    struct replay_question asked = question("n");
    for (size_t i = 0; i < 3; i++) snprintf(texts[i], sizeof texts[i], "%016lx%016lx", numbers[i] * 0x9e3779b97f4a7c15, (unsigned long)i);
    asked.instance = bytes_of(texts[0], REPLAY_CALLER_ID);
    asked.principal_id = bytes_of(texts[1], REPLAY_CALLER_ID);
    asked.credential_id = bytes_of(texts[2], REPLAY_CALLER_ID);
    return asked;
}

/* A worker that keeps callers and a process that keeps none find the same place, whoever was kept in between and whatever key id it says.
 */
static void what_is_kept_of_callers_changes_nothing(void **state)
{
    (void)state;
    static struct replay_callers callers;
    struct replay without = replay;
    memset(&callers, 0, sizeof callers);
    replay.callers = &callers;
    for (unsigned i = 0; i < 4 * IDS; i++) {
        unsigned few = i % 7 == 0 ? i % 5 : i % IDS;
        struct replay_question asked = question_of_usual_ids(1 + i % 2, 1 + few / 3 + i % 11, 1 + few);
        const struct bytes key_ids[] = {BYTES(""), BYTES("that of many"), asked.credential_id};
        asked.key_id = key_ids[i % 3];
        replay_expect(&replay, asked.key_id);
        struct replay_place plain = replay_find(&without, &asked);
        struct replay_place kept = replay_find(&replay, &asked), again = replay_find(&replay, &asked);
        assert_memory_equal(&kept, &plain, sizeof plain);
        assert_memory_equal(&again, &plain, sizeof plain);
    }
}

static void a_kept_caller_is_known_by_all_his_ids(void **state)
{
    (void)state;
    static struct replay_callers callers;
    memset(&callers, 0, sizeof callers);
    replay.callers = &callers;
    assert_int_equal(ask(question_of_usual_ids(1, 1, 1)), REPLAY_UNSEEN);
    assert_int_equal(ask(question_of_usual_ids(1, 1, 1)), REPLAY_SEEN);
    assert_int_equal(ask(question_of_usual_ids(1, 2, 1)), REPLAY_SEEN);
    assert_int_equal(ask(question_of_usual_ids(2, 1, 1)), REPLAY_UNSEEN);
    assert_int_equal(ask(question_of_usual_ids(1, 1, 2)), REPLAY_UNSEEN);
    replay.callers = NULL;
    assert_int_equal(ask(question_of_usual_ids(1, 1, 1)), REPLAY_SEEN);
    assert_int_equal(ask(question_of_usual_ids(1, 1, 2)), REPLAY_SEEN);
}

static void it_is_forgotten_after_its_time_and_not_before(void **state)
{
    (void)state;
    struct replay_question later = question("n");
    assert_int_equal(ask(question("n")), REPLAY_UNSEEN);
    later.now = NOW + 900;
    assert_int_equal(ask(later), REPLAY_SEEN);
    later.now = NOW + 900 + REPLAY_SLACK;
    later.until = later.now;
    assert_int_equal(ask(later), REPLAY_SEEN);
    later.now++;
    later.until++;
    assert_int_equal(ask(later), REPLAY_UNSEEN);
}

static void a_time_that_wraps_is_none_of_its_business(void **state)
{
    (void)state;
    const int64_t edge = (int64_t)1 << 24 << 6; /* the 24 bits are all zero here */
    struct replay_question asked = question("n");
    asked.now = edge - 2;
    asked.until = edge + 10;
    assert_int_equal(ask(asked), REPLAY_UNSEEN);
    asked.now = edge + 3;
    assert_int_equal(ask(asked), REPLAY_SEEN);
}

static void the_longest_time_is_a_week(void **state)
{
    (void)state;
    struct replay_question asked = question("n");
    asked.until = NOW + REPLAY_MOST_SECONDS;
    assert_int_equal(ask(asked), REPLAY_UNSEEN);
    assert_int_equal(ask(asked), REPLAY_SEEN);
    asked.nonce = BYTES("m");
    asked.until++;
    assert_int_equal(ask(asked), REPLAY_FULL);
}

static void it_survives_being_closed(void **state)
{
    (void)state;
    assert_int_equal(ask(question("n")), REPLAY_UNSEEN);
    replay_close(&replay);
    assert_true(replay_open(&replay, directory, problem));
    assert_int_equal(ask(question("n")), REPLAY_SEEN);
}

/* Nonces of many principals, so that no quota is in the way, until one is refused for want of room. */
static unsigned long fill(void)
{
    unsigned long count = 0;
    for (enum replay_answer answer = REPLAY_UNSEEN; answer == REPLAY_UNSEEN; count++) {
        char text[32];
        snprintf(text, sizeof text, "%lu", count);
        struct replay_question asked = question(text);
        asked.principal_id = bytes_of_text(text);
        answer = ask(asked);
        if (answer == REPLAY_FULL) return count;
        assert_int_equal(answer, REPLAY_UNSEEN);
    }
    return 0;
}

static void when_full_it_refuses_and_forgets_nothing(void **state)
{
    (void)state;
    unsigned long count = fill();
    assert_true(count > replay_capacity(&replay));
    for (unsigned long i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "%lu", i);
        assert_int_equal(ask(question(text)), REPLAY_SEEN);
    }
    assert_int_equal(replay_sweep(&replay, 0, UINT64_MAX, NOW), count);
}

static void room_comes_back_with_time(void **state)
{
    (void)state;
    unsigned long count = fill();
    assert_int_equal(ask_number(count, NOW), REPLAY_FULL);
    assert_int_equal(ask_number(count, NOW + 1200), REPLAY_UNSEEN);
    assert_int_equal(replay_sweep(&replay, 0, UINT64_MAX, NOW + 1200), 1);
}

static void a_sweep_takes_away_what_no_longer_counts(void **state)
{
    (void)state;
    const int64_t round = (int64_t)1 << 24; /* seconds after which the 24 bits come again */
    assert_int_equal(ask(question("n")), REPLAY_UNSEEN);
    struct replay_question again = question("n");
    again.now += round;
    again.until += round;
    assert_int_equal(replay_sweep(&replay, 0, UINT64_MAX, NOW + 1000), 0);
    assert_int_equal(ask(again), REPLAY_UNSEEN);
}

static void one_principal_cannot_have_it_all(void **state)
{
    (void)state;
    unsigned long count = 0;
    while (ask_number(count, NOW) == REPLAY_UNSEEN) count++;
    assert_int_equal(count, replay_capacity(&replay) / 2);
    assert_int_equal(ask_number(count, NOW), REPLAY_QUOTA);
    struct replay_question other = question("n");
    other.principal_id = BYTES("another");
    assert_int_equal(ask(other), REPLAY_UNSEEN);
    assert_int_equal(ask_number(count, NOW + 600), REPLAY_QUOTA);
    assert_int_equal(ask_number(count, NOW + 1300), REPLAY_UNSEEN);
}

/* As fast as he may, for hours, with nonces that count for so long: (how many he has in memory then, at most). */
static uint64_t hoard(int64_t lasts)
{
    unsigned long count = 0;
    uint64_t most = 0;
    for (int64_t now = NOW; now < NOW + 4 * 3600; now += 256) {
        enum replay_answer answer = REPLAY_UNSEEN;
        while (answer == REPLAY_UNSEEN) {
            char text[32];
            snprintf(text, sizeof text, "%lu", count++);
            struct replay_question asked = question(text);
            asked.now = now;
            asked.until = now + lasts;
            answer = ask(asked);
        }
        assert_int_equal(answer, REPLAY_QUOTA);
        uint64_t held = replay_sweep(&replay, 0, UINT64_MAX, now);
        if (held > most) most = held;
    }
    return most;
}

static void nor_with_nonces_that_count_for_long(void **state)
{
    (void)state;
    static const int64_t lasts[] = {900, 1800, 24 * 3600, REPLAY_MOST_SECONDS};
    for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++) {
        assert_true(hoard(lasts[i]) <= replay_capacity(&replay));
        tear_down(state);
        set_up(state);
    }
}

static void sizes_follow_the_formula(void **state)
{
    (void)state;
    const size_t counters = 2 * 4096 * 8 + sizeof(struct replay_clock);
    assert_int_equal(replay_size_for(1), counters + REPLAY_LEAST_SIZE);
    assert_int_equal(replay_size_for(500), counters + (16u << 20));
    assert_int_equal(replay_size_for(10000), counters + (256u << 20));
    for (uint64_t rate = 100; rate < 1000000; rate *= 3) assert_true((replay_size_for(rate) - counters) / (20 * 905) >= rate);
    assert_int_equal(replay.slot_count, REPLAY_LEAST_SIZE / 8);
}

#define RACERS 2
#define RACES  100000

struct course {
    uint64_t at[RACERS][8]; /* how far each has come */
    uint8_t won[RACES];
};

/* In step, as far as there are processors for all. */
static void wait_for_other(const struct course *course, size_t other, uint64_t i)
{
    for (unsigned spins = 0; __atomic_load_n(&course->at[other][0], __ATOMIC_ACQUIRE) < i; spins++)
        if (spins > 2000) sched_yield();
}

/* A small and crowded table, whose slots run out of their time while both look for a free one, by clocks that are a second apart: each
 * finds another slot free. */
static void race(struct course *course, size_t me)
{
    for (unsigned long i = 0; i < RACES; i++) {
        char text[32];
        snprintf(text, sizeof text, "%lu", i);
        struct replay_question asked = question(text);
        asked.now = NOW + (int64_t)(i / 4) + (int64_t)me;
        asked.until = NOW + (int64_t)(i / 4) + 2;
        asked.principal_id = bytes_of_text(text);
        __atomic_store_n(&course->at[me][0], i, __ATOMIC_RELEASE);
        wait_for_other(course, 1 - me, i);
        if (ask(asked) == REPLAY_UNSEEN) __atomic_fetch_add(&course->won[i], 1, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&course->at[me][0], RACES, __ATOMIC_RELEASE);
}

static void of_parallel_copies_one_passes_and_never_two(void **state)
{
    (void)state;
    struct course *course = mmap(NULL, sizeof *course, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t racers[RACERS];
    assert_true(course != MAP_FAILED);
    replay.slot_count = 64;
    for (size_t i = 0; i < RACERS; i++) {
        racers[i] = fork();
        if (racers[i] == 0) {
            race(course, i);
            _exit(0);
        }
    }
    for (size_t i = 0; i < RACERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(racers[i], &status, 0), racers[i]);
        assert_int_equal(status, 0);
    }
    unsigned long none = 0;
    for (size_t i = 0; i < RACES; i++) {
        assert_true(course->won[i] <= 1);
        none += course->won[i] == 0;
    }
    assert_true(none < RACES / 1000); /* all copies refused: only when a racer loses its processor between writing and looking */
    munmap(course, sizeof *course);
}

static struct replay_question made_at(const char *nonce, int64_t made, int64_t now)
{
    struct replay_question asked = question(nonce);
    asked.made = made;
    asked.until = made + 900;
    asked.now = now;
    return asked;
}

static void a_clock_that_comes_back_forgets_nothing(void **state)
{
    (void)state;
    const int64_t day = 24 * 3600;
    struct replay_question token = question("token");
    token.until = NOW + 2 * 3600;
    assert_int_equal(ask(made_at("n", NOW, NOW)), REPLAY_UNSEEN);
    assert_int_equal(ask(token), REPLAY_UNSEEN);
    replay_sweep(&replay, 0, replay.slot_count, NOW + day);
    /* Nobody knows any more, so nobody who could be a copy is let in. */
    assert_int_equal(ask(made_at("n", NOW, NOW + 10)), REPLAY_FULL);
    assert_int_equal(ask(made_at("of a clock ahead", NOW + 890, NOW + 10)), REPLAY_FULL);
    token.now = NOW + 20;
    assert_int_equal(ask(token), REPLAY_FULL);
    /* What says that it was made afterwards is none, and is remembered as always. */
    assert_int_equal(ask(made_at("m", NOW + 920, NOW + 920)), REPLAY_UNSEEN);
    assert_int_equal(ask(made_at("m", NOW + 920, NOW + 930)), REPLAY_SEEN);
}

/* Ahead, far back, and to the time at which it all began: what was admitted then is a copy still. */
static void a_clock_that_strays_twice_forgets_nothing(void **state)
{
    (void)state;
    assert_int_equal(ask(made_at("n", NOW, NOW)), REPLAY_UNSEEN);
    replay_sweep(&replay, 0, replay.slot_count, NOW + 3600);
    replay_sweep(&replay, 0, replay.slot_count, NOW - 3600);
    assert_int_equal(ask(made_at("n", NOW, NOW + 840)), REPLAY_FULL);
    assert_int_equal(ask(made_at("m", NOW + 920, NOW + 920)), REPLAY_UNSEEN);
}

static void small_steps_of_the_clock_refuse_nobody(void **state)
{
    (void)state;
    assert_int_equal(ask(made_at("a", NOW, NOW)), REPLAY_UNSEEN);
    assert_int_equal(ask(made_at("b", NOW, NOW - 3)), REPLAY_UNSEEN);
    assert_int_equal(ask(made_at("c", NOW - 60, NOW - 60)), REPLAY_UNSEEN);
    assert_int_equal(ask(made_at("a", NOW, NOW - 60)), REPLAY_SEEN);
    assert_int_equal(ask(made_at("c", NOW - 60, NOW)), REPLAY_SEEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(once_and_not_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clock_that_comes_back_forgets_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clock_that_strays_twice_forgets_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(small_steps_of_the_clock_refuse_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_nonce_belongs_to_its_credential_and_instance, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_kept_of_callers_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_kept_caller_is_known_by_all_his_ids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_forgotten_after_its_time_and_not_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_time_that_wraps_is_none_of_its_business, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_longest_time_is_a_week, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_survives_being_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(when_full_it_refuses_and_forgets_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(room_comes_back_with_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_sweep_takes_away_what_no_longer_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_principal_cannot_have_it_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nor_with_nonces_that_count_for_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sizes_follow_the_formula, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_parallel_copies_one_passes_and_never_two, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

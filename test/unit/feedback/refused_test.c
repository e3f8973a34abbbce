#include "fixture.h"

static struct feedback_refused_key key_of(unsigned number)
{
    struct feedback_refused_key key = {.instance = "i", .refusal = "signature_mismatch"};
    snprintf(key.principal, sizeof key.principal, "principal-%u", number);
    return key;
}

static void refuse(unsigned number, int64_t now)
{
    struct feedback_refused_key key = key_of(number);
    feedback_count_refused(&worker, &key, now);
}

/* What one reading told: of the principal that is asked for, of others, of all. */
struct told {
    const char *principal;
    uint64_t his, others, all;
    int64_t last;
    bool put_away;
};

static void add_news(void *context, const struct feedback_refused_news *news)
{
    struct told *told = context;
    assert_true(news->place < FEEDBACK_WORKERS * FEEDBACK_PRINCIPALS);
    assert_string_equal(news->key.refusal, "signature_mismatch");
    told->all += news->more;
    if (strcmp(news->key.principal, FEEDBACK_OTHERS) == 0) told->others += news->more;
    if (told->principal != NULL && strcmp(news->key.principal, told->principal) == 0) {
        told->his += news->more;
        told->last = news->last;
    }
    if (told->put_away) feedback_refused_put_away(&daemon_side, news->place, news->upto);
}

static struct told look(const char *principal, bool put_away)
{
    struct told told = {.principal = principal, .put_away = put_away};
    feedback_each_refused(&daemon_side, add_news, &told);
    return told;
}

static void every_refused_request_is_counted(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 20000; i++) refuse(1, 100 + i);
    refuse(2, 7);
    struct told told = look("principal-1", false);
    assert_int_equal(told.his, 20000);
    assert_int_equal(told.last, 100 + 19999);
    assert_int_equal(told.all, 20001);
}

static void what_is_put_away_is_not_told_again(void **state)
{
    (void)state;
    refuse(1, 1);
    refuse(1, 2);
    assert_int_equal(look("principal-1", false).his, 2); /* the reader did not get it stored */
    assert_int_equal(look("principal-1", true).his, 2);
    assert_int_equal(look(NULL, false).all, 0);
    refuse(1, 3);
    assert_int_equal(look("principal-1", true).his, 1);
}

static void what_comes_in_while_it_is_stored_is_told_the_next_time(void **state)
{
    (void)state;
    refuse(1, 1);
    struct told told = {.principal = "principal-1"};
    feedback_each_refused(&daemon_side, add_news, &told);
    refuse(1, 2);
    for (size_t i = 0; i < FEEDBACK_PRINCIPALS; i++)
        if (feedback_part_at(&daemon_side, 0)->refused[i].count > 0) feedback_refused_put_away(&daemon_side, i, 1);
    assert_int_equal(look("principal-1", false).his, 1);
}

static void places_are_given_to_others_once_they_are_put_away(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < 100; i++) refuse(round * 100 + i, 1);
        struct told told = look(NULL, true);
        assert_int_equal(told.all, 100);
        assert_int_equal(told.others, 0);
    }
    assert_int_equal(feedback_totals(&daemon_side).lost_refused, 0);
}

static void too_many_at_once_are_not_told_apart_but_counted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5000; i++) refuse(i, 1);
    struct told told = look("principal-0", true);
    assert_int_equal(told.his, 1); /* who has a place keeps it */
    assert_int_equal(told.all, 5000);
    assert_true(told.others > 0 && told.all - told.others > FEEDBACK_TOLD_APART / 2);
    assert_int_equal(feedback_totals(&daemon_side).lost_refused, 0);
}

static void without_any_place_it_is_lost_and_said_so(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        struct feedback_refused_key key = key_of(i);
        snprintf(key.refusal, sizeof key.refusal, "refusal-%u", i); /* more of them than there are */
        feedback_count_refused(&worker, &key, 1);
    }
    struct feedback_part *part = feedback_part_at(&daemon_side, 0);
    uint64_t kept = 0;
    for (size_t i = 0; i < FEEDBACK_PRINCIPALS; i++) kept += part->refused[i].count;
    assert_true(kept > FEEDBACK_PRINCIPALS / 2 && feedback_totals(&daemon_side).lost_refused > 0);
    assert_int_equal(kept + feedback_totals(&daemon_side).lost_refused, 1000);
}

/* The one place with this key in the first part. */
static struct feedback_refused *place_of_first(void)
{
    struct feedback_part *part = feedback_part_at(&daemon_side, 0);
    for (size_t i = 0; i < FEEDBACK_PRINCIPALS; i++)
        if (part->refused[i].turn != 0) return &part->refused[i];
    fail_msg("there is none");
    return NULL;
}

static void a_worker_that_died_in_the_middle_leaves_nothing_wrong(void **state)
{
    (void)state;
    refuse(1, 1);
    assert_int_equal(look(NULL, true).all, 1);
    struct feedback_refused *place = place_of_first();
    place->turn |= 1; /* its key was about to be another's */
    place->count += 5;
    assert_int_equal(look(NULL, false).all, 0);
    place->count -= 5;
    feedback_close(&worker);
    assert_true(feedback_open(&worker, directory, problem));
    assert_true(feedback_take_part(&worker, (uint64_t)getpid()));
    refuse(1, 2);
    assert_int_equal(look("principal-1", true).his, 1);
    assert_int_equal(place->turn % 2, 0); /* the same place, whole again */
}

static void without_a_part_nothing_is_counted(void **state)
{
    (void)state;
    struct feedback_refused_key key = key_of(1);
    feedback_count_refused(&daemon_side, &key, 1);
    assert_int_equal(look(NULL, false).all, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_refused_request_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_put_away_is_not_told_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_comes_in_while_it_is_stored_is_told_the_next_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(places_are_given_to_others_once_they_are_put_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_many_at_once_are_not_told_apart_but_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_any_place_it_is_lost_and_said_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_worker_that_died_in_the_middle_leaves_nothing_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_part_nothing_is_counted, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "fixture.h"

static struct feedback_key key_of(unsigned number)
{
    struct feedback_key key = {.principal_kind = 1, .scheme = 2, .outcome = FEEDBACK_REFUSED, .status_class = 4};
    snprintf(key.api, sizeof key.api, "api-%u", number);
    return key;
}

struct sum {
    size_t series;
    uint64_t count, milliseconds, buckets[FEEDBACK_BUCKETS];
};

static void add_series(void *context, size_t place, const struct feedback_series *series)
{
    struct sum *sum = context;
    assert_true(place < FEEDBACK_WORKERS * FEEDBACK_SERIES);
    sum->series++;
    sum->count += series->counts.count;
    sum->milliseconds += series->counts.milliseconds;
    for (size_t i = 0; i < FEEDBACK_BUCKETS; i++) sum->buckets[i] += series->counts.buckets[i];
}

static struct sum sum_up(void)
{
    struct sum sum = {0};
    feedback_each_series(&daemon_side, add_series, &sum);
    return sum;
}

static void requests_are_counted_by_their_kind(void **state)
{
    (void)state;
    struct feedback_key one = key_of(1), two = key_of(2);
    feedback_count(&worker, &one, 0);
    feedback_count(&worker, &one, 1);
    feedback_count(&worker, &one, 6);
    feedback_count(&worker, &two, 5001);
    struct sum sum = sum_up();
    assert_int_equal(sum.series, 2);
    assert_int_equal(sum.count, 4);
    assert_int_equal(sum.milliseconds, 5008);
    assert_int_equal(sum.buckets[0], 2);
    assert_int_equal(sum.buckets[3], 1);
    assert_int_equal(sum.buckets[FEEDBACK_BUCKETS - 1], 1);
}

static void who_takes_over_goes_on_counting(void **state)
{
    (void)state;
    struct feedback_key key = key_of(1);
    feedback_count(&worker, &key, 1);
    feedback_close(&worker);
    assert_int_equal(feedback_totals(&daemon_side).workers, 0);
    assert_true(feedback_open(&worker, directory, problem));
    assert_true(feedback_take_part(&worker, (uint64_t)getpid()));
    feedback_count(&worker, &key, 1);
    struct sum sum = sum_up();
    assert_int_equal(sum.series, 1);
    assert_int_equal(sum.count, 2);
}

static void a_part_belongs_to_who_lives(void **state)
{
    (void)state;
    struct feedback other;
    assert_true(feedback_open(&other, directory, problem));
    assert_true(feedback_take_part(&other, (uint64_t)getppid()));
    assert_ptr_not_equal((uint8_t *)other.mine - other.mapped.memory, (uint8_t *)worker.mine - worker.mapped.memory);
    assert_int_equal(feedback_totals(&daemon_side).workers, 2);
    feedback_part_at(&other, 0)->owner = 0x3fffffff; /* no process has this number */
    struct feedback third;
    assert_true(feedback_open(&third, directory, problem));
    assert_true(feedback_take_part(&third, (uint64_t)getpid()));
    assert_int_equal((uint8_t *)third.mine - third.mapped.memory, 0);
    for (size_t i = 0; i < FEEDBACK_WORKERS; i++) feedback_part_at(&other, i)->owner = 1;
    third.mine = NULL;
    assert_false(feedback_take_part(&third, (uint64_t)getpid()));
    struct feedback_key key = key_of(9);
    feedback_count(&third, &key, 1); /* without a part nothing happens */
    assert_null(feedback_sample_begin(&third));
    assert_int_equal(sum_up().series, 0);
    feedback_close(&third);
    feedback_close(&other);
}

static void too_many_kinds_are_counted_as_lost(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FEEDBACK_SERIES + 100; i++) {
        struct feedback_key key = key_of(i);
        feedback_count(&worker, &key, 1);
    }
    struct sum sum = sum_up();
    uint64_t lost = feedback_totals(&daemon_side).lost_series;
    assert_true(lost >= 100 && sum.series > FEEDBACK_SERIES / 2);
    assert_int_equal(sum.count + lost, FEEDBACK_SERIES + 100);
}

static size_t uses;
static void count_use(void *context, const struct feedback_use *use)
{
    assert_int_equal(use->time, 1000 + (int64_t)uses);
    assert_string_equal(use->credential, context);
    uses++;
}

static void uses_are_told_in_order_and_lost_beyond_their_room(void **state)
{
    (void)state;
    struct feedback_use use = {.credential = "c"};
    for (int round = 0; round < 2; round++) {
        uses = 0;
        for (int64_t i = 0; i < FEEDBACK_USES + 3; i++) {
            use.time = 1000 + i;
            feedback_tell_use(&worker, &use);
        }
        feedback_drain_uses(&daemon_side, count_use, (void *)(uintptr_t) "c");
        assert_int_equal(uses, FEEDBACK_USES);
        assert_int_equal(feedback_totals(&daemon_side).lost_uses, 3 * (round + 1));
    }
}

static size_t wishes;
static void count_wish(void *context, const struct feedback_wish *wish)
{
    assert_string_equal(wish->set, context);
    wishes++;
}

static void wishes_are_told_as_far_as_there_is_room(void **state)
{
    (void)state;
    const struct feedback_wish wish = {.set = "url-0"};
    for (int round = 0; round < 2; round++) {
        wishes = 0;
        for (size_t i = 0; i < FEEDBACK_WISHES + 3; i++) feedback_tell_wish(&worker, &wish);
        feedback_drain_wishes(&daemon_side, count_wish, (void *)(uintptr_t) "url-0");
        assert_int_equal(wishes, FEEDBACK_WISHES);
    }
    feedback_part_at(&worker, 0)->wishes_ring.told = UINT64_MAX / 2; /* what stands in the file is held to its bounds */
    wishes = 0;
    feedback_drain_wishes(&daemon_side, count_wish, (void *)(uintptr_t) "url-0");
    assert_int_equal(wishes, FEEDBACK_WISHES);
}

static struct feedback_sample last;
static size_t samples;
static void keep_sample(void *context, const struct feedback_sample *sample)
{
    (void)context;
    last = *sample;
    samples++;
}

static void assert_text(enum feedback_text which, const char *expected)
{
    struct bytes text = feedback_sample_text(&last, which);
    assert_int_equal(text.length, strlen(expected));
    assert_memory_equal(text.data, expected, text.length);
}

static void a_sample_has_its_texts(void **state)
{
    (void)state;
    static uint8_t longer[4000];
    memset(longer, 'l', sizeof longer);
    struct feedback_sample *sample = feedback_sample_begin(&worker);
    sample->time = 7;
    sample->status = 403;
    feedback_sample_add(sample, SAMPLE_REQUEST_ID, BYTES("r"));
    feedback_sample_add(sample, SAMPLE_TARGET, BYTES("/a?b=***"));
    feedback_sample_add(sample, SAMPLE_CANONICAL, bytes_of(longer, sizeof longer));
    feedback_sample_tell(&worker);
    samples = 0;
    feedback_drain_samples(&daemon_side, keep_sample, NULL);
    assert_int_equal(samples, 1);
    assert_int_equal(last.time, 7);
    assert_int_equal(last.status, 403);
    assert_text(SAMPLE_INSTANCE, "");
    assert_text(SAMPLE_REQUEST_ID, "r");
    assert_text(SAMPLE_TARGET, "/a?b=***");
    assert_int_equal(feedback_sample_text(&last, SAMPLE_CANONICAL).length, sizeof last.data - 9);
    for (size_t i = 0; i < FEEDBACK_SAMPLES + 2; i++)
        if (feedback_sample_begin(&worker) != NULL) feedback_sample_tell(&worker);
    assert_int_equal(feedback_totals(&daemon_side).lost_samples, 2);
}

static void what_stands_in_the_file_is_held_to_its_bounds(void **state)
{
    (void)state;
    struct feedback_part *part = feedback_part_at(&worker, 0);
    memset(part->samples[0].lengths, 0xff, sizeof part->samples[0].lengths);
    part->samples_ring.told = UINT64_MAX / 2;
    samples = 0;
    feedback_drain_samples(&daemon_side, keep_sample, NULL);
    assert_int_equal(samples, FEEDBACK_SAMPLES);
    memset(last.lengths, 0xff, sizeof last.lengths);
    for (unsigned i = 0; i < SAMPLE_TEXTS; i++) {
        struct bytes text = feedback_sample_text(&last, (enum feedback_text)i);
        assert_true(text.length <= sizeof last.data);
    }
    part->uses_ring.told = UINT64_MAX / 2;
    part->uses_ring.read = 5;
    for (size_t i = 0; i < FEEDBACK_USES; i++) part->uses[i] = (struct feedback_use){.credential = "c", .time = 0};
    uses = 0;
    for (size_t i = 0; i < FEEDBACK_USES; i++) part->uses[(5 + i) % FEEDBACK_USES].time = 1000 + (int64_t)i;
    feedback_drain_uses(&daemon_side, count_use, (void *)(uintptr_t) "c");
    assert_int_equal(uses, FEEDBACK_USES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_are_counted_by_their_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_takes_over_goes_on_counting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_part_belongs_to_who_lives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_many_kinds_are_counted_as_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wishes_are_told_as_far_as_there_is_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(uses_are_told_in_order_and_lost_beyond_their_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_sample_has_its_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_stands_in_the_file_is_held_to_its_bounds, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a worker remembers: good in its own transaction only, bounded, and never one key's value for another's. */
#include "fixture.h"

#include "edge/look_ups.h"
#include "edge/publications.h"
#include "edge/record.h"

static int make(void **state)
{
    struct look_ups *look_ups = aligned_alloc(_Alignof(struct look_ups), sizeof *look_ups);
    if (!look_ups) return -1;
    memset(look_ups, 0, sizeof *look_ups);
    look_ups->seed = 42;
    *state = look_ups;
    return 0;
}

static int drop(void **state)
{
    free(*state);
    return 0;
}

static struct look_up *find(struct look_ups *look_ups, struct bytes key, uint64_t transaction)
{
    return look_ups_find(look_ups, key, look_up_hash(look_ups->seed, key), transaction);
}

static bool finds(struct look_ups *look_ups, struct bytes key, uint64_t transaction, struct bytes value)
{
    const struct look_up *found = find(look_ups, key, transaction);
    return found && bytes_equal(look_up_value(found), value) && bytes_equal(look_up_near_value(found), value);
}

static struct look_up *keep(struct look_ups *look_ups, struct bytes key, uint64_t transaction, struct bytes value)
{
    return look_ups_keep(look_ups, key, look_up_hash(look_ups->seed, key), transaction, value);
}

static void what_was_kept_is_found_in_its_transaction_only(void **state)
{
    struct look_ups *look_ups = *state;
    assert_null(find(look_ups, BYTES("key"), 0));
    keep(look_ups, BYTES("key"), 7, BYTES("value"));
    assert_true(finds(look_ups, BYTES("key"), 7, BYTES("value")));
    assert_null(find(look_ups, BYTES("key"), 8));
    assert_null(find(look_ups, BYTES("key"), 6));
    assert_null(find(look_ups, BYTES("kez"), 7));
    keep(look_ups, BYTES("key"), 8, BYTES("newer"));
    assert_true(finds(look_ups, BYTES("key"), 8, BYTES("newer")));
    assert_null(find(look_ups, BYTES("key"), 7));
}

/* What is short is read from the worker's own memory; what a look-up is known by is the place in the map. */
static void a_short_value_stands_near_a_long_one_in_the_map(void **state)
{
    struct look_ups *look_ups = *state;
    static const uint8_t text[2 * LOOK_UP_NEAR] = "in the map";
    struct bytes fits = bytes_of(text, LOOK_UP_NEAR - 3), longer = bytes_of(text, LOOK_UP_NEAR - 2), longest = bytes_of(text, sizeof text);
    const struct look_up *kept = keep(look_ups, BYTES("key"), 7, fits);
    assert_true(kept->value == text && kept->near != text && kept->near + fits.length <= look_ups->copies[LOOK_UP_SETS][0]);
    assert_true(bytes_equal(look_up_near_value(kept), fits));
    kept = keep(look_ups, BYTES("key"), 8, longer);
    assert_true(kept->value == text && kept->near == text);
    assert_true(bytes_equal(look_up_near_value(kept), longer));
    kept = keep(look_ups, longest, 8, BYTES("value"));
    assert_true(kept->key == text && bytes_equal(look_up_near_value(kept), BYTES("value")));
    assert_true(finds(look_ups, BYTES("key"), 8, longer));
}

static void the_first_transaction_counts_too(void **state)
{
    struct look_ups *look_ups = *state;
    keep(look_ups, BYTES("key"), 0, BYTES("value"));
    assert_non_null(find(look_ups, BYTES("key"), 0));
}

static void a_moved_map_forgets_all(void **state)
{
    struct look_ups *look_ups = *state;
    keep(look_ups, BYTES("key"), 7, BYTES("value"));
    look_ups_forget(look_ups);
    assert_null(find(look_ups, BYTES("key"), 7));
}

/* The caller's authorisation stands in his look-up: whatever is put there next begins without one. */
static void a_new_look_up_knows_no_authorisation(void **state)
{
    struct look_ups *look_ups = *state;
    struct look_up *kept = keep(look_ups, BYTES("key"), 7, BYTES("value"));
    assert_true(kept->authorised_for == 0);
    kept->authorised_for = 5;
    assert_true(find(look_ups, BYTES("key"), 7)->authorised_for == 5);
    assert_true(keep(look_ups, BYTES("key"), 8, BYTES("value"))->authorised_for == 0);
}

/* Many more than there is room for, and all with one hash: what is found is right. */
static void a_full_table_gives_no_wrong_value(void **state)
{
    struct look_ups *look_ups = *state;
    static char texts[20000][16];
    size_t found = 0;
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(texts[i], sizeof texts[i], "key-%u", i);
        keep(look_ups, bytes_of_text(texts[i]), 7, bytes_of_text(texts[i]));
    }
    for (unsigned i = 0; i < 20000; i++) {
        if (find(look_ups, bytes_of_text(texts[i]), 7)) found++;
        if (find(look_ups, bytes_of_text(texts[i]), 7) && !finds(look_ups, bytes_of_text(texts[i]), 7, bytes_of_text(texts[i])))
            fail_msg("%s", texts[i]);
    }
    assert_true(found > LOOK_UP_SETS * LOOK_UP_WAYS / 2 && found <= LOOK_UP_SETS * LOOK_UP_WAYS);
    look_ups_keep(look_ups, BYTES("one"), 99, 7, BYTES("1"));
    look_ups_keep(look_ups, BYTES("two"), 99, 7, BYTES("2"));
    assert_null(look_ups_find(look_ups, BYTES("one"), 99, 7));
    assert_true(bytes_equal(look_up_value(look_ups_find(look_ups, BYTES("two"), 99, 7)), BYTES("2")));
}

static void hashes_spread_and_depend_on_the_seed(void **state)
{
    (void)state;
    static const uint8_t zeros[200];
    uint64_t seen[200];
    for (size_t length = 1; length < 200; length++) {
        seen[length] = look_up_hash(1, bytes_of(zeros, length));
        assert_true(seen[length] != look_up_hash(2, bytes_of(zeros, length)));
        for (size_t other = 1; other < length; other++) assert_true(seen[other] != seen[length]);
    }
}

/* Two publications in one place of the table push each other out; held ones live on. */
static void publications_that_share_a_place(void **state)
{
    (void)state;
    struct publications *publications = calloc(1, sizeof *publications);
    static uint8_t records[PUBLICATION_SLOTS + 1][512];
    const struct publication *first = NULL, *kept = NULL;
    char id[16];
    for (unsigned i = 0; i <= PUBLICATION_SLOTS; i++) {
        struct publication publication = fixture_publication();
        struct buffer out = buffer_over(records[i], sizeof records[i]);
        snprintf(id, sizeof id, "api-%u", i);
        publication.api_id = bytes_of_text(id);
        publication_encode(&out, &publication);
        struct publication_name name = {INSTANCE, bytes_of_text(id), RELEASE_ID};
        kept = publications_keep(publications, &name, 5, buffer_bytes(&out));
        assert_non_null(kept);
        assert_ptr_equal(publications_find(publications, &name, 5), kept);
        assert_null(publications_find(publications, &name, 6));
        if (i == 0) first = kept;
        if (i == 0) edge_publication_hold(first);
        publications_settle(publications);
    }
    assert_true(bytes_equal(first->api_id, BYTES("api-0")));
    publications_forget(publications);
    assert_true(bytes_equal(first->api_id, BYTES("api-0")));
    edge_publication_release(first);
    free(publications);
}

static void a_record_of_another_name_is_not_kept(void **state)
{
    (void)state;
    struct publications *publications = calloc(1, sizeof *publications);
    uint8_t memory[512];
    struct buffer out = buffer_over(memory, sizeof memory);
    struct publication publication = fixture_publication();
    publication_encode(&out, &publication);
    struct publication_name right = {INSTANCE, API, RELEASE_ID}, wrong = {BYTES("instance-2"), API, RELEASE_ID};
    assert_null(publications_keep(publications, &wrong, 5, buffer_bytes(&out)));
    assert_null(publications_keep(publications, &right, 5, bytes_slice(buffer_bytes(&out), 0, out.length - 1)));
    assert_non_null(publications_keep(publications, &right, 5, buffer_bytes(&out)));
    publications_forget(publications);
    free(publications);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, make, drop)
    const struct CMUnitTest tests[] = {
        test(what_was_kept_is_found_in_its_transaction_only),
        test(a_short_value_stands_near_a_long_one_in_the_map),
        test(the_first_transaction_counts_too),
        test(a_moved_map_forgets_all),
        test(a_new_look_up_knows_no_authorisation),
        test(a_full_table_gives_no_wrong_value),
        cmocka_unit_test(hashes_spread_and_depend_on_the_seed),
        cmocka_unit_test(publications_that_share_a_place),
        cmocka_unit_test(a_record_of_another_name_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "fixture.h"

#include "store/traffic.h"

static void fill(struct value row[static TRAFFIC_COLUMNS], const char *id, int64_t minute, int64_t requests)
{
    for (size_t i = 0; i < TRAFFIC_COLUMNS; i++)
        row[i] = entity_traffic.columns[i].type == VALUE_TEXT ? value_text(BYTES("")) : value_integer(0);
    row[TRAFFIC_ID] = value_text(bytes_of_text(id));
    row[TRAFFIC_INSTANCE_ID] = value_text(BYTES(INSTANCE));
    row[TRAFFIC_MINUTE] = value_integer(minute);
    row[TRAFFIC_REQUESTS] = value_integer(requests);
    row[TRAFFIC_BUCKET + 11] = value_integer(requests);
}

static void add(struct store *store, const char *id, int64_t minute, int64_t requests)
{
    struct value row[TRAFFIC_COLUMNS];
    struct session *session = store_write_aside(store);
    fill(row, id, minute, requests);
    assert_ok(session, store_traffic_add(session, row));
    assert_int_equal(store_commit(session), STORE_OK);
}

static int64_t count_of(struct store *store, const struct entity *entity)
{
    int64_t count = -1;
    struct session *session = store_read(store);
    assert_ok(session, store_count(session, entity, &(struct store_query){0}, &count));
    store_abort(session);
    return count;
}

static uint64_t revision_of(struct store *store)
{
    struct session *session = store_read(store);
    uint64_t revision = store_revision(session);
    store_abort(session);
    return revision;
}

static void minutes_add_up(void **state)
{
    (void)state;
    static uint8_t memory[4096];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value row[TRAFFIC_COLUMNS];
    struct store *store = fixture_open_with_instance();
    add(store, "a", 60, 2);
    add(store, "a", 60, 5);
    add(store, "b", 60, 1);
    assert_int_equal(count_of(store, &entity_traffic), 2);
    struct session *session = store_read(store);
    assert_ok(session, store_get(session, &entity_traffic, BYTES("a"), &arena, row));
    assert_int_equal(row[TRAFFIC_REQUESTS].integer, 7);
    assert_int_equal(row[TRAFFIC_BUCKET + 11].integer, 7);
    assert_int_equal(row[TRAFFIC_BUCKET].integer, 0);
    store_abort(session);
    store_close(store);
}

static void they_are_no_revision(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    uint64_t before = revision_of(store);
    add(store, "a", 60, 2);
    assert_int_equal(revision_of(store), before);
    store_close(store);
}

static void the_latest_use_stays(void **state)
{
    (void)state;
    static uint8_t memory[1024];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value row[CREDENTIAL_USE_COLUMNS];
    struct store *store = fixture_open_with_instance();
    const int64_t times[] = {100, 300, 200};
    struct session *session = store_write_aside(store);
    for (size_t i = 0; i < 3; i++) assert_ok(session, store_note_use(session, BYTES("c"), times[i]));
    assert_ok(session, store_get(session, &entity_credential_use, BYTES("c"), &arena, row));
    assert_int_equal(row[CREDENTIAL_USE_TIME].integer, 300);
    assert_int_equal(store_commit(session), STORE_OK);
    store_close(store);
}

static void insert_refused(struct session *session, const char *id, int64_t time)
{
    struct value row[REFUSED_COLUMNS];
    for (size_t i = 0; i < REFUSED_COLUMNS; i++)
        row[i] = entity_refused.columns[i].type == VALUE_TEXT ? value_text(BYTES("")) : value_integer(0);
    row[REFUSED_ID] = value_text(bytes_of_text(id));
    row[REFUSED_TIME] = value_integer(time);
    assert_ok(session, store_insert(session, &entity_refused, row));
}

static void refuse(struct session *session, const char *principal, int64_t minute, int64_t requests)
{
    char id[64];
    snprintf(id, sizeof id, "%lld/%s", (long long)minute, principal);
    const struct value row[REFUSED_COUNT_COLUMNS] = {
        [REFUSED_COUNT_ID] = value_text(bytes_of_text(id)),
        [REFUSED_COUNT_INSTANCE_ID] = value_text(BYTES(INSTANCE)),
        [REFUSED_COUNT_MINUTE] = value_integer(minute),
        [REFUSED_COUNT_PRINCIPAL_ID] = value_text(bytes_of_text(principal)),
        [REFUSED_COUNT_REFUSAL] = value_text(BYTES("expired")),
        [REFUSED_COUNT_REQUESTS] = value_integer(requests),
        [REFUSED_COUNT_LAST_TIME] = value_integer(minute + requests),
    };
    assert_ok(session, store_refused_add(session, row));
}

static bool first_two(void *context, const struct value *row)
{
    int64_t *seen = context;
    assert_int_equal(row[REFUSED_BY_REQUESTS].integer, seen[0] == 0 ? 12 : 11);
    assert_int_equal(row[REFUSED_BY_LAST].integer, seen[0] == 0 ? 132 : 131);
    assert_true(bytes_equal(row[REFUSED_BY_PRINCIPAL].bytes, seen[0] == 0 ? BYTES("often") : BYTES("")));
    assert_true(bytes_equal(row[REFUSED_BY_REFUSAL].bytes, BYTES("expired")));
    return ++seen[0] < 2;
}

static void who_was_refused_most_comes_first(void **state)
{
    (void)state;
    int64_t seen = 0;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write_aside(store);
    const struct refused_wanted wanted = {BYTES(INSTANCE), 120, 2};
    refuse(session, "before", 60, 100);
    refuse(session, "often", 120, 12);
    refuse(session, "", 120, 11);
    refuse(session, "seldom", 120, 1);
    refuse(session, "seldom", 180, 2);
    refuse(session, "seldom", 180, 3); /* the same minute: they add up */
    assert_ok(session, store_refused_by(session, &wanted, first_two, &seen));
    assert_int_equal(seen, 2);
    assert_int_equal(store_commit(session), STORE_OK);
    assert_int_equal(count_of(store, &entity_refused_count), 5);
    store_close(store);
}

static void all_of_it_is_forgotten_with_time(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    const struct traffic_limits limits = {.minute = 120, .time = 50, .most = 2, .used = 10};
    add(store, "old", 60, 1);
    add(store, "new", 120, 1);
    struct session *session = store_write_aside(store);
    refuse(session, "old", 60, 1);
    refuse(session, "new", 120, 1);
    insert_refused(session, "too-old", 49);
    insert_refused(session, "one-too-many", 50);
    insert_refused(session, "kept", 51);
    insert_refused(session, "kept-too", 52);
    assert_ok(session, store_note_use(session, BYTES("gone"), 9));
    assert_ok(session, store_note_use(session, BYTES("here"), 10));
    assert_ok(session, store_traffic_forget(session, &limits));
    assert_int_equal(store_commit(session), STORE_OK);
    assert_int_equal(count_of(store, &entity_traffic), 1);
    assert_int_equal(count_of(store, &entity_refused), 2);
    assert_int_equal(count_of(store, &entity_refused_count), 1);
    assert_int_equal(count_of(store, &entity_credential_use), 1);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(minutes_add_up),
        FIXTURE_TEST(they_are_no_revision),
        FIXTURE_TEST(the_latest_use_stays),
        FIXTURE_TEST(who_was_refused_most_comes_first),
        FIXTURE_TEST(all_of_it_is_forgotten_with_time),
    };
    return FIXTURE_RUN("traffic", tests);
}

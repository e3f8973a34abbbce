#include "fixture.h"

struct seen {
    size_t count;
    struct change changes[32];
    char ids[32][32];
};

static bool see(void *context, const struct change *change)
{
    struct seen *seen = context;
    seen->changes[seen->count] = *change;
    snprintf(seen->ids[seen->count++], 32, "%.*s/%.*s", (int)change->id.length, (const char *)change->id.data, (int)change->second.length,
             (const char *)change->second.data);
    return seen->count < 32;
}

static struct seen read_changes(struct store *store, uint64_t after, uint64_t *revision)
{
    struct seen seen = {0};
    struct session *session = store_read(store);
    assert_ok(session, store_changes(session, after, see, &seen, revision));
    assert_int_equal(store_commit(session), STORE_OK);
    return seen;
}

/* Revisions 2, 3 … each with two changes. */
static struct store *with_changes(unsigned revisions)
{
    struct store *store = fixture_open_with_instance();
    for (unsigned i = 0; i < revisions; i++) {
        struct session *session = store_write(store);
        assert_ok(session, store_change(session, CHANGE_ROUTES, BYTES(INSTANCE), BYTES("g"), BYTES("e")));
        assert_ok(session, store_change(session, CHANGE_KEY_PAIR, BYTES(INSTANCE), BYTES("key"), BYTES("")));
        assert_int_equal(store_commit(session), STORE_OK);
    }
    return store;
}

static void changes_come_in_order_behind_a_revision(void **state)
{
    (void)state;
    uint64_t revision;
    struct store *store = with_changes(3);
    struct seen seen = read_changes(store, 2, &revision);
    assert_int_equal(revision, 4);
    assert_int_equal(seen.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(seen.changes[i].revision, 3 + i / 2);
        assert_int_equal(seen.changes[i].kind, i % 2 ? CHANGE_KEY_PAIR : CHANGE_ROUTES);
        assert_string_equal(seen.ids[i], i % 2 ? "key/" : "g/e");
    }
    assert_int_equal(read_changes(store, 4, &revision).count, 0);
    assert_int_equal(read_changes(store, 0, &revision).count, 6);
    store_close(store);
}

static void assert_everything(struct store *store, uint64_t after)
{
    uint64_t revision;
    struct seen seen = read_changes(store, after, &revision);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.changes[0].kind, CHANGE_EVERYTHING);
    assert_int_equal(seen.changes[0].revision, revision);
}

static void forgotten_changes_become_one_change_of_everything(void **state)
{
    (void)state;
    uint64_t revision;
    struct store *store = with_changes(4);
    struct session *session = store_write(store);
    assert_ok(session, store_forget_changes(session, 3));
    assert_int_equal(store_commit(session), STORE_OK);
    assert_everything(store, 0);
    assert_everything(store, 2);
    assert_int_equal(read_changes(store, 3, &revision).count, 4);
    session = store_write(store); /* never backwards, never what is still to come */
    assert_ok(session, store_forget_changes(session, 1));
    assert_ok(session, store_change(session, CHANGE_HOST, BYTES(INSTANCE), BYTES("h"), BYTES("")));
    assert_ok(session, store_forget_changes(session, 1000));
    assert_int_equal(store_commit(session), STORE_OK);
    assert_everything(store, 5);
    assert_int_equal(read_changes(store, 6, &revision).count, 1);
    store_close(store);
}

static void a_node_ahead_of_a_restored_store_takes_everything(void **state)
{
    (void)state;
    struct store *store = with_changes(1);
    assert_everything(store, 1000);
    store_close(store);
}

static void a_change_no_database_could_keep_is_a_fault(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct bytes bad[] = {BYTES("\xff"), bytes_of("a\0b", 3)};
    for (size_t i = 0; i < 6; i++) {
        struct bytes parts[3] = {BYTES("i"), BYTES("a"), BYTES("b")};
        parts[i % 3] = bad[i / 3];
        struct session *session = store_write(store);
        assert_int_equal(store_change(session, CHANGE_HOST, parts[0], parts[1], parts[2]), STORE_FAULT);
        store_abort(session);
    }
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(changes_come_in_order_behind_a_revision),
        FIXTURE_TEST(forgotten_changes_become_one_change_of_everything),
        FIXTURE_TEST(a_node_ahead_of_a_restored_store_takes_everything),
        FIXTURE_TEST(a_change_no_database_could_keep_is_a_fault),
    };
    return FIXTURE_RUN("changes", tests);
}

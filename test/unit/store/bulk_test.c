/* Rows by the hundred: all of them with what is kept beside them, or none; on a database without a quicker way as single inserts. */
#include "fixture.h"
#include "tracked_check.h"

#include "store/audit.h"
#include "store/bulk.h"

#define MANY 700

static void add(struct session *session, unsigned number, const char *name)
{
    struct test_id id = id_of('c', number);
    struct audit audit = {.actor = BYTES("u"), .action = BYTES("create"), .resource_id = bytes_of_text(id.text), .time = 1};
    assert_int_not_equal(insert_consumer(session, id.text, name), STORE_FAULT);
    assert_ok(session, store_audit(session, &audit));
    assert_ok(session, store_change(session, CHANGE_API_KEY, BYTES(INSTANCE), bytes_of_text(id.text), BYTES("")));
}

static void add_many(struct session *session)
{
    for (unsigned i = 0; i < MANY; i++) add(session, i, id_of('n', i).text);
}

static void assert_many(struct session *session)
{
    struct audit_verdict verdict;
    assert_int_equal(number_of(session, "SELECT count(*) FROM consumer"), MANY);
    assert_int_equal(number_of(session, "SELECT count(*) FROM consumer WHERE description IS NULL AND create_time = 5"), MANY);
    assert_int_equal(number_of(session, "SELECT count(*) FROM changes JOIN audit ON audit.revision = changes.revision"
                                        " AND audit.resource_id = changes.id"),
                     MANY);
    assert_ok(session, store_audit_verify(session, &verdict));
    assert_int_equal(verdict.finding, AUDIT_WHOLE);
    assert_int_equal(verdict.rows, MANY);
    assert_counts_agree(session);
}

static void many_rows_are_all_there(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    store_bulk(session);
    add_many(session);
    assert_ok(session, store_bulk_end(session));
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_read(store);
    assert_many(session);
    store_abort(session);
    store_close(store);
}

/* A write sees what it gathered, and its commit leaves nothing out. */
static void gathered_rows_are_read_and_committed(void **state)
{
    (void)state;
    uint8_t memory[4096];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value row[CONSUMER_COLUMNS];
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    store_bulk(session);
    add_many(session);
    assert_ok(session, store_get(session, &entity_consumer, bytes_of_text(id_of('c', MANY / 2).text), &arena, row));
    assert_text(row[CONSUMER_NAME], id_of('n', MANY / 2).text);
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_read(store);
    assert_many(session);
    store_abort(session);
    store_close(store);
}

static void a_conflict_takes_all_of_them(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    store_bulk(session);
    add_many(session);
    add(session, MANY, id_of('n', 3).text);
    enum store_result result = store_bulk_end(session);
    if (fixture_is_postgres()) {
        assert_int_equal(result, STORE_CONFLICT);
        assert_true(store_bulk_conflicted(session));
        assert_int_equal(store_commit(session), STORE_FAULT);
    } else {
        assert_int_equal(result, STORE_OK);
        assert_false(store_bulk_conflicted(session));
        store_abort(session);
    }
    session = store_read(store);
    assert_int_equal(store_revision(session), 1);
    assert_int_equal(number_of(session, "SELECT count(*) FROM consumer"), 0);
    assert_counts_agree(session);
    store_abort(session);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(many_rows_are_all_there),
        FIXTURE_TEST(gathered_rows_are_read_and_committed),
        FIXTURE_TEST(a_conflict_takes_all_of_them),
    };
    return FIXTURE_RUN("bulk", tests);
}

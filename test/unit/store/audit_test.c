/* The audit as a chain: what was done to it behind our back is found. */
#include "fixture.h"

#include "store/audit.h"
#include "store/session.h"

#include <pthread.h>

#define WRITERS 100

static bool write_audit(struct session *session, const char *what)
{
    struct audit audit = {.actor = BYTES("u1"),
                          .actor_name = BYTES("admin"),
                          .action = bytes_of_text(what),
                          .resource_id = BYTES("a"),
                          .after = BYTES("{\"name\":\"x\"}"),
                          .time = 1700000000};
    return store_audit(session, &audit) == STORE_OK;
}

/* Transactions of `rows` audit rows each. */
static void write_transactions(struct store *store, unsigned transactions, unsigned rows)
{
    for (unsigned i = 0; i < transactions; i++) {
        struct session *session = store_write(store);
        assert_non_null(session);
        for (unsigned j = 0; j < rows; j++) assert_true(write_audit(session, "act"));
        assert_int_equal(store_commit(session), STORE_OK);
    }
}

static struct audit_verdict verify(struct store *store)
{
    struct audit_verdict verdict;
    struct session *session = store_read(store);
    assert_ok(session, store_audit_verify(session, &verdict));
    store_abort(session);
    return verdict;
}

static void tamper(struct store *store, const char *sql)
{
    struct session *session = store_write(store);
    assert_ok(session, session_run(session, &(struct command){sql, NULL, 0}, NULL));
    assert_int_equal(store_commit(session), STORE_OK);
}

static struct audit_point end_of(struct store *store)
{
    struct session *session = store_read(store);
    struct audit_point point = store_audit_point(session);
    store_abort(session);
    return point;
}

static enum audit_finding find_point(struct store *store, const struct audit_point *point)
{
    struct audit_verdict verdict = {0};
    struct session *session = store_read(store);
    assert_ok(session, store_audit_verify_point(session, point, &verdict));
    store_abort(session);
    return verdict.finding;
}

static void an_untouched_audit_is_whole(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    assert_int_equal(verify(store).finding, AUDIT_WHOLE);
    write_transactions(store, 3, 2);
    struct audit_verdict verdict = verify(store);
    assert_int_equal(verdict.finding, AUDIT_WHOLE);
    assert_int_equal(verdict.rows, 6);
    struct audit_point end = end_of(store);
    assert_string_equal(end.id, "0000000000000004.0001");
    assert_string_equal(end.chain, verdict.point.chain);
    store_close(store);
}

/* The format is a promise: whoever exports the audit can check it with any SHA-256. */
static void the_chain_is_computed_as_documented(void **state)
{
    (void)state;
    struct value row[AUDIT_COLUMNS];
    char chain[AUDIT_CHAIN_SIZE];
    for (size_t i = 0; i < AUDIT_COLUMNS; i++) row[i] = text_of("");
    row[AUDIT_ID] = text_of("0000000000000001.0000");
    row[AUDIT_ACTION] = text_of("act");
    row[AUDIT_TIME] = value_integer(1700000000);
    row[AUDIT_REVISION] = value_integer(1);
    audit_chain("", row, chain);
    /* printf '0:,21:0000000000000001.0000,0:,0:,0:,3:act,0:,0:,0:,0:,0:,10:1700000000,1:1,0:,0:,0:,' | sha256sum */
    assert_string_equal(chain, "5513f1d32a56b6569537a5f8253c9290820ee9afedb3ffb8e4d50d841afb9f4e");
}

static void an_aborted_write_leaves_the_chain_alone(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    write_transactions(store, 1, 1);
    struct session *session = store_write(store);
    assert_true(write_audit(session, "never"));
    store_abort(session);
    write_transactions(store, 1, 1);
    assert_int_equal(verify(store).finding, AUDIT_WHOLE);
    assert_int_equal(verify(store).rows, 2);
    store_close(store);
}

static void a_changed_row_is_found(void **state)
{
    static const char *const changes[] = {
        "UPDATE audit SET actor_name = 'nobody' WHERE id = '0000000000000003.0000'",
        "UPDATE audit SET after_json = '' WHERE id = '0000000000000003.0000'",
        "UPDATE audit SET audit_time = 1 WHERE id = '0000000000000003.0000'",
        "UPDATE audit SET result = 'APIG.0301' WHERE id = '0000000000000003.0000'",
        "UPDATE audit SET chain = '' WHERE id = '0000000000000003.0000'",
        "UPDATE audit SET actor = 'u', actor_name = '1admin' WHERE id = '0000000000000003.0000'", /* moved from column to column */
    };
    (void)state;
    struct store *store = fixture_open_with_instance();
    write_transactions(store, 4, 1);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        tamper(store, "CREATE TABLE kept AS SELECT * FROM audit");
        tamper(store, changes[i]);
        struct audit_verdict verdict = verify(store);
        assert_int_equal(verdict.finding, AUDIT_ROW_DIFFERS);
        assert_string_equal(verdict.point.id, "0000000000000003.0000");
        assert_int_equal(verdict.rows, 1);
        tamper(store, "DELETE FROM audit");
        tamper(store, "INSERT INTO audit SELECT * FROM kept");
        tamper(store, "DROP TABLE kept");
        assert_int_equal(verify(store).finding, AUDIT_WHOLE);
    }
    store_close(store);
}

static void a_removed_row_is_found_at_the_next(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    write_transactions(store, 4, 1);
    tamper(store, "DELETE FROM audit WHERE id = '0000000000000003.0000'");
    struct audit_verdict verdict = verify(store);
    assert_int_equal(verdict.finding, AUDIT_ROW_DIFFERS);
    assert_string_equal(verdict.point.id, "0000000000000004.0000");
    store_close(store);
}

/* Without the first rows the rest does not begin a chain; nor do rows that claim to be older than it. */
static void a_removed_beginning_is_found(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    write_transactions(store, 4, 1);
    tamper(store, "UPDATE audit SET chain = '' WHERE id < '0000000000000004.0000'");
    struct audit_verdict verdict = verify(store);
    assert_int_equal(verdict.finding, AUDIT_ROW_DIFFERS);
    assert_int_equal(verdict.unchained, 2);
    tamper(store, "DELETE FROM audit WHERE id < '0000000000000004.0000'");
    assert_int_equal(verify(store).finding, AUDIT_ROW_DIFFERS);
    store_close(store);
}

static void a_cut_off_end_is_found(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    write_transactions(store, 4, 1);
    struct audit_point anchored = end_of(store);
    assert_int_equal(find_point(store, &anchored), AUDIT_WHOLE);
    tamper(store, "DELETE FROM audit WHERE id > '0000000000000003.0000'");
    assert_int_equal(verify(store).finding, AUDIT_END_DIFFERS);
    /* Whoever can delete rows can write the store's note of the end as well: that is what anchors are for. */
    tamper(store, "UPDATE revision SET audit_id = (SELECT max(id) FROM audit),"
                  " audit_chain = (SELECT chain FROM audit ORDER BY id DESC LIMIT 1)");
    assert_int_equal(verify(store).finding, AUDIT_WHOLE);
    assert_int_equal(find_point(store, &anchored), AUDIT_POINT_MISSING);
    store_close(store);
}

static void an_audit_written_anew_is_found_by_its_anchor(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    write_transactions(store, 2, 1);
    struct audit_point anchored = end_of(store);
    memset(anchored.chain, '0', 64);
    assert_int_equal(find_point(store, &anchored), AUDIT_POINT_DIFFERS);
    store_close(store);
}

static void *write_some(void *store)
{
    for (unsigned i = 0; i < 5; i++) {
        struct session *session = store_write(store);
        bool done = session != NULL && write_audit(session, "a") && write_audit(session, "b");
        if (i % 3 == 1) {
            store_abort(session);
        } else if (!done || store_commit(session) != STORE_OK) {
            return "a writer failed";
        }
    }
    return NULL;
}

static void a_hundred_writers_make_one_chain(void **state)
{
    (void)state;
    pthread_t threads[WRITERS];
    struct store *store = fixture_open_with_instance();
    for (size_t i = 0; i < WRITERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, write_some, store), 0);
    for (size_t i = 0; i < WRITERS; i++) {
        void *failure;
        pthread_join(threads[i], &failure);
        assert_null(failure);
    }
    struct audit_verdict verdict = verify(store);
    assert_int_equal(verdict.finding, AUDIT_WHOLE);
    assert_int_equal(verdict.rows, WRITERS * 6); /* of five transactions each, those with number 1 and 4 were given up */
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(an_untouched_audit_is_whole),
        FIXTURE_TEST(an_aborted_write_leaves_the_chain_alone),
        FIXTURE_TEST(a_changed_row_is_found),
        FIXTURE_TEST(a_removed_row_is_found_at_the_next),
        FIXTURE_TEST(a_removed_beginning_is_found),
        FIXTURE_TEST(a_cut_off_end_is_found),
        FIXTURE_TEST(an_audit_written_anew_is_found_by_its_anchor),
        FIXTURE_TEST(a_hundred_writers_make_one_chain),
        cmocka_unit_test(the_chain_is_computed_as_documented),
    };
    return FIXTURE_RUN("audit", tests);
}

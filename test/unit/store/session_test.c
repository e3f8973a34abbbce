#include "fixture.h"

#include "store/audit.h"

#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static int64_t consumers(struct session *session)
{
    int64_t count;
    assert_ok(session, store_count(session, &entity_consumer, &(struct store_query){0}, &count));
    return count;
}

static void write_one(struct store *store, const char *name)
{
    struct session *session = store_write(store);
    assert_non_null(session);
    assert_ok(session, insert_consumer(session, name, name));
    assert_int_equal(store_commit(session), STORE_OK);
}

static void a_read_is_a_snapshot(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *before = store_read(store);
    write_one(store, "a");
    struct session *after = store_read(store);
    assert_int_equal(store_revision(before), 1);
    assert_int_equal(consumers(before), 0);
    assert_int_equal(store_revision(after), 2);
    assert_int_equal(consumers(after), 1);
    assert_int_equal(store_commit(before), STORE_OK);
    store_abort(after);
    store_close(store);
}

static void an_aborted_write_leaves_nothing_and_takes_no_revision(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    assert_int_equal(store_revision(session), 2);
    assert_ok(session, insert_consumer(session, "a", "a"));
    assert_ok(session, store_change(session, CHANGE_HOST, BYTES(INSTANCE), BYTES("h"), BYTES("")));
    store_abort(session);
    store_abort(NULL);
    session = store_read(store);
    assert_int_equal(store_revision(session), 1);
    assert_int_equal(consumers(session), 0);
    store_abort(session);
    write_one(store, "b");
    session = store_read(store);
    assert_int_equal(store_revision(session), 2);
    store_abort(session);
    store_close(store);
}

static void after_a_fault_nothing_of_the_session_is_written(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    char problem[256];
    assert_ok(session, insert_consumer(session, "a", "a"));
    assert_int_equal(insert_consumer(session, "b", "\xff"), STORE_FAULT);
    assert_int_equal(store_change(session, CHANGE_HOST, BYTES(INSTANCE), BYTES("h"), BYTES("")), STORE_FAULT);
    assert_int_equal(store_commit(session), STORE_FAULT);
    store_trouble(store, problem);
    assert_true(strstr(problem, "consumer.name") != NULL);
    session = store_read(store);
    assert_int_equal(consumers(session), 0);
    assert_int_equal(store_revision(session), 1);
    store_abort(session);
    store_close(store);
}

static void the_database_file_is_its_owners_alone(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        struct stat status;
        snprintf(path, sizeof path, "%s/store.db%s", fixture_directory, ends[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    store_close(store);
}

/* Ends every connection that a store holds, as a restart of the server would. */
static void cut_connections(void)
{
    PGconn *connection = PQconnectdb(fixture_base);
    PGresult *result =
        PQexec(connection, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'countersign'");
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    assert_true(PQntuples(result) > 0);
    PQclear(result);
    PQfinish(connection);
}

static void a_lost_connection_is_replaced_at_the_next_session(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *readers[3];
    for (size_t i = 0; i < 3; i++) readers[i] = store_read(store);
    for (size_t i = 0; i < 3; i++) store_abort(readers[i]);
    cut_connections();
    for (size_t i = 0; i < 3; i++) {
        readers[i] = store_read(store);
        assert_non_null(readers[i]);
        assert_int_equal(consumers(readers[i]), 0);
    }
    for (size_t i = 0; i < 3; i++) store_abort(readers[i]);
    write_one(store, "a");
    store_close(store);
}

static void a_connection_lost_in_a_session_is_a_fault_and_nothing_is_written(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    assert_ok(session, insert_consumer(session, "a", "a"));
    cut_connections();
    assert_int_equal(insert_consumer(session, "b", "b"), STORE_FAULT);
    assert_int_equal(insert_consumer(session, "c", "c"), STORE_FAULT);
    assert_int_equal(store_commit(session), STORE_FAULT);
    session = store_write(store);
    assert_ok(session, insert_consumer(session, "d", "d"));
    cut_connections();
    assert_int_equal(store_commit(session), STORE_FAULT);
    session = store_read(store);
    assert_int_equal(consumers(session), 0);
    store_abort(session);
    store_close(store);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *write_soon(void *context)
{
    nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
    write_one(context, "soon");
    return NULL;
}

/* The limit of a minute only keeps a failure from hanging; that it returned because of the commit is what the revision tells. */
static void assert_wait_sees(struct store *store, uint64_t after)
{
    int64_t begin = now_ms();
    store_wait(store, after, 60000);
    assert_true(now_ms() - begin < 50000);
    struct session *session = store_read(store);
    assert_true(store_revision(session) > after);
    store_abort(session);
}

static void waiting_ends_with_a_commit_of_this_process(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_soon, store), 0);
    assert_wait_sees(store, 1);
    pthread_join(writer, NULL);
    assert_wait_sees(store, 1); /* at once: it is past */
    store_wait(store, 2, 20);   /* nothing happens */
    store_close(store);
}

/* The child is made first: SQLite's locks do not go through a fork. */
static void waiting_ends_with_a_commit_of_another_process(void **state)
{
    (void)state;
    int ends[2];
    char go = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        if (read(ends[0], &go, 1) != 1) _exit(1);
        struct store *own = fixture_open();
        write_soon(own);
        store_close(own);
        _exit(0);
    }
    struct store *store = fixture_open_with_instance();
    assert_int_equal(write(ends[1], &go, 1), 1);
    assert_wait_sees(store, 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    store_close(store);
    close(ends[0]);
    close(ends[1]);
}

static void waiting_goes_on_after_the_watcher_was_cut_off(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    store_wait(store, 1, 1);
    cut_connections();
    store_wait(store, 1, 30);
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_soon, store), 0);
    assert_wait_sees(store, 1);
    pthread_join(writer, NULL);
    store_close(store);
}

static void an_audit_row_is_kept_as_it_was_given(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    struct session *session = store_write(store);
    struct audit audit = {.actor = BYTES("u1"),
                          .actor_name = BYTES("admin"),
                          .source = BYTES("127.0.0.1"),
                          .action = BYTES("create_app"),
                          .resource = BYTES("app"),
                          .resource_id = BYTES("a1"),
                          .instance_id = BYTES(INSTANCE),
                          .before = BYTES(""),
                          .after = BYTES("{\"name\":\"x\"}"),
                          .time = 1700000000};
    assert_ok(session, store_audit(session, &audit));
    assert_ok(session, store_audit(session, &audit));
    assert_int_equal(store_commit(session), STORE_OK);
    session = store_read(store);
    uint8_t memory[1024];
    struct arena arena = arena_over(memory, sizeof memory);
    struct value row[AUDIT_COLUMNS];
    assert_ok(session, store_get(session, &entity_audit, BYTES("0000000000000002.0001"), &arena, row));
    assert_text(row[AUDIT_ACTOR], "u1");
    assert_text(row[AUDIT_ACTOR_NAME], "admin");
    assert_text(row[AUDIT_SOURCE], "127.0.0.1");
    assert_text(row[AUDIT_ACTION], "create_app");
    assert_text(row[AUDIT_RESOURCE], "app");
    assert_text(row[AUDIT_RESOURCE_ID], "a1");
    assert_text(row[AUDIT_INSTANCE_ID], INSTANCE);
    assert_text(row[AUDIT_BEFORE], "");
    assert_text(row[AUDIT_AFTER], "{\"name\":\"x\"}");
    assert_int_equal(row[AUDIT_TIME].integer, 1700000000);
    assert_int_equal(row[AUDIT_REVISION].integer, 2);
    store_abort(session);
    store_close(store);
}

/* More reads at once than there are connections: those in excess wait for one to come back. */
static void *read_for_a_moment(void *context)
{
    struct session *session = store_read(context);
    bool fine = session && store_revision(session) == 1;
    nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    store_abort(session);
    return fine ? context : NULL;
}

static void reads_queue_for_connections(void **state)
{
    (void)state;
    struct store *store = fixture_open_with_instance();
    pthread_t threads[40];
    for (size_t i = 0; i < 40; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_for_a_moment, store), 0);
    for (size_t i = 0; i < 40; i++) {
        void *fine;
        pthread_join(threads[i], &fine);
        assert_non_null(fine);
    }
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_read_is_a_snapshot),
        FIXTURE_TEST(an_aborted_write_leaves_nothing_and_takes_no_revision),
        FIXTURE_TEST(after_a_fault_nothing_of_the_session_is_written),
        FIXTURE_TEST_OF("sqlite:", the_database_file_is_its_owners_alone),
        FIXTURE_TEST_OF("postgresql:", a_lost_connection_is_replaced_at_the_next_session),
        FIXTURE_TEST_OF("postgresql:", a_connection_lost_in_a_session_is_a_fault_and_nothing_is_written),
        FIXTURE_TEST(waiting_ends_with_a_commit_of_this_process),
        FIXTURE_TEST(waiting_ends_with_a_commit_of_another_process),
        FIXTURE_TEST_OF("postgresql:", waiting_goes_on_after_the_watcher_was_cut_off),
        FIXTURE_TEST(an_audit_row_is_kept_as_it_was_given),
        FIXTURE_TEST(reads_queue_for_connections),
    };
    return FIXTURE_RUN("session", tests);
}
